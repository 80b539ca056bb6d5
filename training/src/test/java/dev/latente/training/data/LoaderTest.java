package dev.latente.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderTest {
    private static final Buckets BUCKETS = Buckets.only(new Size(16, 16));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    /** A picture whose pixels tell their places. */
    static Picture gradient(int width, int height) {
        byte[] data = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++) {
            data[3 * i] = (byte) (i % width * 255 / width);
            data[3 * i + 1] = (byte) (i / width * 255 / height);
        }
        return new Picture(width, height, 3, data);
    }

    private void write(String name, Picture picture) {
        PictureFiles.writePng(folder.resolve(name), picture, Map.of());
    }

    private static byte[] jpeg(Picture picture) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture.toBufferedImage(), "jpg", out);
        return out.toByteArray();
    }

    @Test
    void captionsComeFromMetadata() throws IOException {
        write("a.png", gradient(20, 16));
        write("deep/ñandú 鳥 (1).png", gradient(16, 16));
        write("not listed.png", gradient(16, 16));
        Files.writeString(folder.resolve("metadata.jsonl"), """
                {"file_name": "deep/ñandú 鳥 (1).png", "text": ["un ñandú", "a bird"]}

                {"file_name": "a.png", "text": " a slope "}
                """);
        FolderDataset data = FolderDataset.open(folder);
        assertThat(data.size()).isEqualTo(2);
        assertThat(data.get(0).captions()).containsExactly("a slope");
        assertThat(data.name(1)).isEqualTo("deep/ñandú 鳥 (1).png");
        assertThat(data.get(1).captions()).containsExactly("un ñandú", "a bird");
        assertThat(data.pictureSize(0)).isEqualTo(new Size(20, 16));
        assertThat(data.get(0).picture()).isEqualTo(gradient(20, 16));
    }

    @Test
    void captionsComeFromTextBesideThePicture() throws IOException {
        write("b.c.png", gradient(16, 16));
        write("a.png", gradient(16, 16));
        Files.writeString(folder.resolve("b.c.txt"), "one\n\n two \n");
        FolderDataset data = FolderDataset.open(folder);
        assertThat(data.get(0).captions()).isEmpty();
        assertThat(data.get(1).captions()).containsExactly("one", "two");
    }

    @Test
    void metadataThatIsMalformedIsRefused() throws IOException {
        Path metadata = folder.resolve("metadata.jsonl");
        Files.writeString(metadata, "{\"file_name\": \"/etc/secret.png\", \"text\": \"x\"}");
        assertThatThrownBy(() -> FolderDataset.open(folder))
                .hasMessageContaining("line 1")
                .hasMessageContaining("absolute");
        Files.writeString(metadata, "\n{\"text\": \"x\"}");
        assertThatThrownBy(() -> FolderDataset.open(folder))
                .hasMessageContaining("line 2")
                .hasMessageContaining("file_name");
        Files.writeString(metadata, "nonsense");
        assertThatThrownBy(() -> FolderDataset.open(folder)).hasMessageContaining("is not JSON");
    }

    @Test
    void corruptPicturesAreReportedAndReplacedTheSameWayEveryTime() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("good" + i + ".png", Picture.filled(16, 16, 3, 40 * i));
        }
        byte[] png = PictureFiles.png(gradient(64, 64), Map.of());
        byte[] jpeg = jpeg(gradient(64, 64));
        Files.write(folder.resolve("cut.png"), Arrays.copyOf(png, png.length / 2));
        Files.write(folder.resolve("cut.jpg"), Arrays.copyOf(jpeg, jpeg.length * 3 / 4));
        Files.write(folder.resolve("empty.webp"), new byte[0]);
        Files.write(folder.resolve("text.png"), "not a picture".getBytes(StandardCharsets.UTF_8));
        FolderDataset data = FolderDataset.open(folder);
        SkippedExamples skipped = new SkippedExamples();
        BatchPlan plan = BatchPlan.of(data, BUCKETS, 4, 3, skipped);
        Loader loader = new Loader(data, plan, Augment.NONE, 3, skipped);
        for (int step = 0; step < 6; step++) {
            assertThat(loader.batch(step).samples())
                    .hasSize(4)
                    .allMatch(s -> s.name().startsWith("good"));
        }
        assertThat(skipped.list())
                .extracting(Skipped::name)
                .containsExactly("cut.jpg", "cut.png", "empty.webp", "text.png");
        assertThat(skipped.list()).allMatch(s -> !s.reason().isBlank());
        Loader resumed = new Loader(
                data, BatchPlan.of(data, BUCKETS, 4, 3, new SkippedExamples()), Augment.NONE, 3, new SkippedExamples());
        assertThat(resumed.batch(5)).isEqualTo(loader.batch(5));
    }

    @Test
    void cropsAndFlipsAreDrawnAndTold() {
        Example example = new Example("x", gradient(64, 32), List.of("one", "two"));
        Augment augment = new Augment(true, 0.5);
        Sample first = augment.apply(example, new Size(16, 16), new CounterRandom(1, 2, 3));
        assertThat(augment.apply(example, new Size(16, 16), new CounterRandom(1, 2, 3)))
                .isEqualTo(first);
        boolean[] flips = new boolean[2];
        for (int i = 0; i < 32; i++) {
            Sample s = augment.apply(example, new Size(16, 16), new CounterRandom(i));
            flips[s.flipped() ? 1 : 0] = true;
            assertThat(s.micro().original()).isEqualTo(new Size(64, 32));
            assertThat(s.micro().crop().top()).isZero();
            // Scaled by one half: 8 steps of the gradient per pixel, from the corner that is told.
            int left = s.micro().crop().left();
            int corner = s.picture().at(s.flipped() ? 15 : 0, 8, 0);
            int expected = (s.flipped() ? 16 - left : left) * 8;
            assertThat(Math.abs(corner - expected)).as("corner at %d", left).isLessThanOrEqualTo(6);
        }
        assertThat(flips).containsOnly(true);
    }

    @Test
    void theMiddleIsCroppedWithoutAugmentation() {
        Sample s = Augment.NONE.apply(
                new Example("x", gradient(30, 10), List.of()), new Size(16, 16), new CounterRandom(1));
        assertThat(s.micro().crop()).isEqualTo(new Micro.Crop(0, 16));
        assertThat(s.caption()).isEmpty();
        assertThat(s.picture().width()).isEqualTo(16);
    }

    @Test
    void aBatchIsOneTensor() {
        Sample s = Augment.NONE.apply(
                new Example("x", Picture.filled(16, 16, 3, 255), List.of()), new Size(16, 16), new CounterRandom(1));
        Scopes.run(() -> {
            Tensor pixels = new Batch(0, 0, new Size(16, 16), List.of(s, s)).pixels();
            assertThat(Ops.shape(pixels)).containsExactly(2, 3, 16, 16);
            assertThat(Ops.floats(pixels)).containsOnly(1);
        });
    }

    @Test
    void prefetchHandsOutAnyStepAndPassesErrorsOn() {
        try (Prefetch<Long> ahead = new Prefetch<>(
                step -> {
                    if (step == 12) {
                        throw new IllegalStateException("step 12");
                    }
                    return step;
                },
                5,
                3,
                2)) {
            for (long step : new long[] {5, 7, 6, 8, 9, 11, 10, 3, 40, 41}) {
                assertThat(ahead.at(step)).isEqualTo(step);
            }
            assertThatThrownBy(() -> ahead.at(12)).hasMessage("step 12");
            assertThatThrownBy(() -> ahead.at(12)).hasMessage("step 12");
        }
    }

    @Test
    void aCacheMakesThingsOnce() throws IOException {
        TensorCache cache = new TensorCache(folder.resolve("cache"));
        String key = TensorCache.key("weights", new Size(8, 8), TensorCache.hash(new byte[] {1, 2}));
        AtomicInteger made = new AtomicInteger();
        Runnable use = () -> Scopes.run(() -> {
            Map<String, Tensor> got = cache.getOrMake(key, () -> {
                made.incrementAndGet();
                return Map.of("mean", Ops.of(new float[] {1, 2}, 2), "std", Ops.of(new float[] {3, 4}, 1, 2));
            });
            assertThat(Ops.floats(Objects.requireNonNull(got.get("mean")))).containsExactly(1, 2);
            assertThat(Ops.shape(Objects.requireNonNull(got.get("std")))).containsExactly(1, 2);
        });
        use.run();
        use.run();
        assertThat(made).hasValue(1);
        Path file = folder.resolve("cache").resolve(key.substring(0, 2)).resolve(key + ".safetensors");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
        use.run();
        assertThat(made).hasValue(2);
        assertThat(TensorCache.key("ab", "c")).isNotEqualTo(TensorCache.key("a", "bc"));
    }
}
