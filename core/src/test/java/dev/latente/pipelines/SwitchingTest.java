package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.pipelines.LoadOptions.ScaledLora;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.Settled;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraConfig;
import dev.latente.weights.lora.LoraScale;
import dev.latente.weights.lora.LoraTargets;
import dev.latente.weights.lora.LoraWriter;
import dev.latente.weights.lora.LowRank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Adapters come and go over a loaded checkpoint, and pictures are those of a checkpoint that was loaded with them. */
@ExtendWith(NoNativeLeaks.class)
class SwitchingTest {
    private static final int LORAS = 10;

    /** More than the heap and the allocator grow by on their own, less than what 200 switches that leak would take. */
    private static final long SLACK = 32 << 20;

    private static Path folder;
    private static Path temp;
    private static final List<Path> LORA_FILES = new ArrayList<>();

    @BeforeAll
    static void write(@TempDir Path given) {
        temp = given;
        folder = TinyCheckpoint.write(temp.resolve("checkpoint"));
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            for (int i = 0; i < LORAS; i++) {
                LORA_FILES.add(write(files, i, LoraTargets.TRANSFORMER.or(LoraTargets.CONVOLUTION)));
            }
        }
        fresh(LoadOptions.DEFAULT.withLora(LORA_FILES.get(0), 1));
        fresh(LoadOptions.of(DType.BF16, Device.CPU));
    }

    /** Layers of every kind: among others one that enlarges, which keeps its weight in two forms. */
    private static Path write(CheckpointFiles files, int seed, LoraTargets targets) {
        Path file = temp.resolve("lora-%d.safetensors".formatted(seed));
        try (Arena arena = new Arena();
                Rng rng = new Rng(seed)) {
            Map<String, Lora> loras = new LinkedHashMap<>();
            loras.put(
                    "unet",
                    trained(
                            LoraConfig.of(2).withTargets(targets).create(files.shapes("unet"), rng, Device.CPU, arena),
                            rng,
                            arena));
            if (seed % 2 == 0) {
                loras.put(
                        "text_encoder",
                        trained(
                                LoraConfig.of(1)
                                        .withTargets(LoraTargets.TEXT)
                                        .create(files.shapes("text_encoder"), rng, Device.CPU, arena),
                                rng,
                                arena));
            }
            LoraWriter.of(loras).writeDiffusers(file);
        }
        return file;
    }

    /** B begins with zeros, which would change nothing. */
    private static Lora trained(Lora lora, Rng rng, Arena arena) {
        Map<String, LowRank> layers = new LinkedHashMap<>();
        lora.layers().forEach((name, change) -> {
            Tensor b = arena.own(() -> Ops.mul(rng.normal(Ops.shape(change.b())), 0.2));
            layers.put(name, new LowRank(change.a(), b, change.alpha()));
        });
        return new Lora(layers);
    }

    private static List<ScaledLora> lora(int index, double scale) {
        return List.of(new ScaledLora(LORA_FILES.get(index), LoraScale.of(scale)));
    }

    private static Picture fresh(LoadOptions options) {
        try (Checkpoint checkpoint = Checkpoint.load(folder, options)) {
            return drawn(checkpoint);
        }
    }

    private static Picture drawn(Checkpoint checkpoint) {
        Request request =
                Request.of("a tiny picture").withNegative("big").withSteps(2).withSeed(3);
        return new TextToImage(checkpoint).generate(request).get(0);
    }

    @Test
    void twoHundredSwitchesAmongTen() throws InterruptedException {
        List<Picture> expected = new ArrayList<>();
        for (int i = 0; i < LORAS; i++) {
            expected.add(fresh(LoadOptions.DEFAULT.withLora(LORA_FILES.get(i), 0.8)));
        }
        assertThat(expected).doesNotHaveDuplicates();
        try (Checkpoint base = Checkpoint.load(folder)) {
            Picture plain = drawn(base);
            long objects = 0;
            long resident = 0;
            for (int i = 0; i < 200; i++) {
                try (Checkpoint changed = base.with(lora(i % LORAS, 0.8))) {
                    assertThat(drawn(changed)).as("switch %d", i).isEqualTo(expected.get(i % LORAS));
                }
                if (i == LORAS) {
                    resident = Settled.resident();
                    objects = Memory.objects();
                } else if (i > LORAS) {
                    assertThat(Memory.objects())
                            .as("native objects after switch %d", i)
                            .isLessThanOrEqualTo(objects);
                }
            }
            assertThat(Settled.resident() - resident)
                    .as("growth of resident memory")
                    .isLessThan(SLACK);
            assertThat(drawn(base)).isEqualTo(plain);
        }
    }

    @Test
    void onlyWhatIsChangedIsMadeAnew() {
        try (Checkpoint base = Checkpoint.load(folder)) {
            long before = Memory.objects();
            try (Checkpoint same = base.with(List.of())) {
                assertThat(same.unet()).isSameAs(base.unet());
                assertThat(Memory.objects()).isEqualTo(before);
            }
            Path file = temp.resolve("one.safetensors");
            Scopes.run(() -> LoraWriter.of(Map.of(
                            "unet",
                            new Lora(Map.of(
                                    "mid_block.attentions.0.proj_in.weight",
                                    new LowRank(Ops.of(new float[32], 1, 32), Ops.of(new float[32], 32, 1), 1)))))
                    .writeDiffusers(file));
            try (Checkpoint changed = base.with(List.of(new ScaledLora(file, LoraScale.of(1))))) {
                assertThat(changed.textModels()).isEqualTo(base.textModels());
                assertThat(changed.unet()).isNotSameAs(base.unet());
                assertThat(changed.vae()).isSameAs(base.vae());
            }
        }
    }

    @Test
    void severalAreAsIfLoadedInThatOrder() {
        Picture expected = fresh(LoadOptions.DEFAULT
                .withLora(LORA_FILES.get(0), 0.5)
                .withLora(LORA_FILES.get(1), -0.3)
                .withLora(LORA_FILES.get(2), 1));
        try (Checkpoint base = Checkpoint.load(folder, LoadOptions.DEFAULT.withLora(LORA_FILES.get(0), 0.5));
                Checkpoint second = base.with(lora(1, -0.3));
                Checkpoint third = second.with(lora(2, 1))) {
            assertThat(drawn(third)).isEqualTo(expected);
        }
    }

    @Test
    void inHalfPrecisionAndWithWeightsThatComeAndGo() {
        for (LoadOptions options : List.of(
                LoadOptions.of(DType.BF16, Device.CPU),
                LoadOptions.DEFAULT.withResidency(Residency.stored(100_000)),
                LoadOptions.DEFAULT.withResidency(Residency.streamed(0)))) {
            Picture expected = fresh(options.withLora(LORA_FILES.get(4), 0.8));
            try (Checkpoint base = Checkpoint.load(folder, options);
                    Checkpoint changed = base.with(lora(4, 0.8))) {
                assertThat(drawn(changed)).as(options.toString()).isEqualTo(expected);
            }
        }
    }

    @Test
    void partsAndBlocksHaveScalesOfTheirOwn() {
        Picture plain = fresh(LoadOptions.DEFAULT);
        Picture whole = fresh(LoadOptions.DEFAULT.withLora(LORA_FILES.get(2), 0.8));
        try (Checkpoint base = Checkpoint.load(folder)) {
            List<Picture> pictures = new ArrayList<>(List.of(plain, whole));
            for (String scale : List.of("0:0.8", "0.8:0", "0.8:lbw=down_blocks.0=0", "0.8:lbw=BASE=0,M00=1")) {
                LoraScale parsed = LoraScale.parse(List.of(scale.split(":", -1)));
                try (Checkpoint changed = base.with(List.of(new ScaledLora(LORA_FILES.get(2), parsed)))) {
                    pictures.add(drawn(changed));
                }
            }
            assertThat(pictures).doesNotHaveDuplicates();
            LoraScale none = LoraScale.parse(List.of("0.8", "lbw=BASE=0,down_blocks=0,mid_block=0,up_blocks=0"));
            try (Checkpoint changed = base.with(List.of(new ScaledLora(LORA_FILES.get(2), none)))) {
                assertThat(drawn(changed)).isEqualTo(plain);
            }
        }
    }

    @Test
    void threadsChooseEachTheirOwn() throws Exception {
        List<Picture> expected = new ArrayList<>();
        List<Callable<Picture>> runs = new ArrayList<>();
        try (Checkpoint base = Checkpoint.load(folder)) {
            for (int i = 0; i < 8; i++) {
                int index = i;
                expected.add(fresh(LoadOptions.DEFAULT.withLora(LORA_FILES.get(i), 1)));
                runs.add(() -> {
                    try (Checkpoint changed = base.with(lora(index, 1))) {
                        return drawn(changed);
                    }
                });
            }
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Picture> together = new ArrayList<>();
                for (Future<Picture> run : threads.invokeAll(runs)) {
                    together.add(run.get());
                }
                assertThat(together).isEqualTo(expected);
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void whatIsSharedLivesAsLongAsItIsNeeded() {
        Picture expected = fresh(LoadOptions.DEFAULT.withLora(LORA_FILES.get(1), 1));
        Checkpoint base = Checkpoint.load(folder);
        Checkpoint changed = base.with(lora(1, 1));
        base.close();
        base.close();
        assertThat(drawn(changed)).isEqualTo(expected);
        changed.close();
        assertThatThrownBy(() -> base.with(lora(1, 1))).hasMessageContaining("closed");
    }

    @Test
    void aLoraOfAnotherFamilySaysWhichOne() {
        Path file = temp.resolve("sdxl.safetensors");
        String layer = "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k.";
        Scopes.run(() -> SafetensorsWriter.of(Map.of(
                        layer + "lora_A.weight", Ops.of(new float[2048], 1, 2048),
                        layer + "lora_B.weight", Ops.of(new float[640], 640, 1)))
                .write(file));
        try (Checkpoint base = Checkpoint.load(folder)) {
            long before = Memory.objects();
            assertThatThrownBy(() -> base.with(List.of(new ScaledLora(file, LoraScale.of(1)))))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContainingAll(file.toString(), "is a LoRA for SDXL", folder.toString(), "is SD1");
            assertThat(Memory.objects()).isEqualTo(before);
        }
    }

    @Test
    void aLoraOfAnotherWidthNamesTheLayer() {
        Path file = temp.resolve("wide.safetensors");
        String layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.";
        Scopes.run(() -> SafetensorsWriter.of(Map.of(
                        layer + "lora_A.weight", Ops.of(new float[48], 1, 48),
                        layer + "lora_B.weight", Ops.of(new float[32], 32, 1)))
                .write(file));
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withLora(file, 1)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll(file.toString(), "attn2.to_k", "[32, 48]", "[32, 32]");
    }

    @Test
    void aWordOfAnotherFamilySaysSo() throws Exception {
        Path pair = temp.resolve("pair.safetensors");
        Path wide = temp.resolve("wide-word.safetensors");
        Scopes.run(() -> {
            Tensor l = Ops.of(new float[32], 1, 32);
            SafetensorsWriter.of(Map.of("clip_l", l, "clip_g", Ops.of(new float[48], 1, 48)))
                    .write(pair);
            SafetensorsWriter.of(Map.of("emb_params", Ops.of(new float[2 * 48], 2, 48)))
                    .write(wide);
        });
        assertThat(Files.size(pair)).isPositive();
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withEmbedding(pair, "<x>")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll(pair.toString(), "two text encoders (SDXL)", "give a word for SD1");
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withEmbedding(wide, "<x>")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll(wide.toString(), "vectors of 48 numbers", "wants 32");
    }
}
