package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.tensor.Memory;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Settled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One checkpoint makes pictures all day long, for many threads. */
@ExtendWith(NoNativeLeaks.class)
class PipelineMemoryTest {
    /** More than the heap and the allocator grow by on their own, less than twenty runs that leak would take. */
    private static final long SLACK = 32 << 20;

    private static Path folder;
    private static Checkpoint checkpoint;
    private static ControlNetCheckpoint net;
    private static Picture picture;

    @BeforeAll
    static void warmUp(@TempDir Path temp) {
        folder = TinyCheckpoint.write(temp.resolve("checkpoint"));
        checkpoint = Checkpoint.load(folder);
        net = ControlNetCheckpoint.load(TinyCheckpoint.writeControlNet(temp.resolve("control")));
        picture = text(0);
        for (int seed = 0; seed < 10; seed++) {
            draw(seed);
        }
    }

    @AfterAll
    static void close() {
        net.close();
        checkpoint.close();
    }

    @Test
    void memoryStaysFlat() throws InterruptedException {
        long objects = Memory.objects();
        long before = Settled.resident();
        for (int seed = 0; seed < 20; seed++) {
            draw(seed);
            // Fewer where the collector finds what tests before this one left.
            assertThat(Memory.objects()).as("native objects after run %d", seed).isLessThanOrEqualTo(objects);
        }
        assertThat(Settled.resident() - before).as("growth of resident memory").isLessThan(SLACK);
    }

    @Test
    void loadingAndClosingLeavesNothing() {
        Checkpoint.load(folder).close();
    }

    @Test
    void threadsShareACheckpoint() throws Exception {
        List<List<Picture>> alone = new ArrayList<>();
        List<Callable<List<Picture>>> runs = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            int s = seed;
            alone.add(draw(s));
            runs.add(() -> draw(s));
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<List<Picture>> together = new ArrayList<>();
            for (Future<List<Picture>> run : threads.invokeAll(runs)) {
                together.add(run.get());
            }
            assertThat(together).isEqualTo(alone);
        } finally {
            threads.shutdown();
        }
    }

    /** A picture from text, one from a picture that another one steers, the same with shortcuts, one under a mask. */
    private static List<Picture> draw(int seed) {
        Request request = Request.of("a (tiny:1.2) picture of [nothing|something]")
                .withSteps(3)
                .withSeed(seed);
        Source source = Source.of(picture, 0.7);
        return List.of(
                text(seed),
                new ImageToImage(checkpoint)
                        .generate(request.withControls(List.of(Control.of(net, picture))), source, Progress.NONE)
                        .get(0),
                new ImageToImage(checkpoint)
                        .generate(
                                request.withControls(List.of(Control.of(net, picture)))
                                        .withShortcuts(new Shortcuts(FeatureReuse.whenChanged(0.3), 0.5)),
                                source,
                                Progress.NONE)
                        .get(0),
                new Inpaint(checkpoint)
                        .generate(request, source.withMask(picture), Progress.NONE)
                        .get(0));
    }

    private static Picture text(int seed) {
        Request request =
                Request.of("a tiny picture").withNegative("big").withSteps(3).withSeed(seed);
        return new TextToImage(checkpoint).generate(request).get(0);
    }
}
