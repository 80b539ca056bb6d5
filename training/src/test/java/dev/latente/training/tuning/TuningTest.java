package dev.latente.training.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.latente.image.Picture;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Shapes;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlNetCheckpoint;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import dev.latente.pipelines.TextToImage;
import dev.latente.pipelines.TinyCheckpoint;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import dev.latente.training.Turn;
import dev.latente.training.data.Augment;
import dev.latente.training.data.BatchPlan;
import dev.latente.training.data.Buckets;
import dev.latente.training.data.Captioned;
import dev.latente.training.data.ControlPictures;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.Example;
import dev.latente.training.data.FolderDataset;
import dev.latente.training.data.Loader;
import dev.latente.training.data.SkippedExamples;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.training.tasks.LatentBatch;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import dev.latente.weights.lora.LoraConfig;
import dev.latente.weights.lora.LoraTargets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way of teaching lowers the loss, leaves the rest as it was, and writes what can be loaded. */
class TuningTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Base base;

    @BeforeEach
    void open() {
        base = Base.open(TinyCheckpoint.write(folder.resolve("base")), LoadOptions.DEFAULT);
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void aLoraLearnsAndTheBaseStaysAsItIs() {
        LoraConfig config = LoraConfig.of(2).withTargets(LoraTargets.TRANSFORMER.or(LoraTargets.CONVOLUTION));
        Tuning lora = new LoraTuning(
                base, Map.of("unet", config, "text_encoder", LoraConfig.of(2).withTargets(LoraTargets.TEXT)));
        double before = sum("unet");
        List<Double> losses = train(lora, folder.resolve("run"), 12, 3e-2, pictures(Squares.ALL));
        assertThat(losses.get(11)).isLessThan(0.9 * losses.get(0));
        assertThat(sum("unet")).isEqualTo(before);

        Picture plain = draw(LoadOptions.DEFAULT);
        Path file = folder.resolve("out").resolve("pytorch_lora_weights.safetensors");
        Picture changed = draw(LoadOptions.DEFAULT.withLora(file, 1));
        assertThat(changed).isNotEqualTo(plain);
        assertThat(draw(LoadOptions.DEFAULT.withLora(folder.resolve("out").resolve("kohya.safetensors"), 1)))
                .isEqualTo(changed);
        assertThat(draw(LoadOptions.DEFAULT.withLora(file, 0))).isEqualTo(plain);
    }

    @Test
    void aLoraStartsWithoutAnyChange() {
        Tuning lora = new LoraTuning(base, Map.of("unet", LoraConfig.of(2)));
        assertThat(loss(lora, pictures(Squares.ALL))).isEqualTo(lossOfBase(pictures(Squares.ALL)));
    }

    @Test
    void allOfACheckpointLearns() {
        Tuning full = new FullTuning(base, Set.of("unet", "text_encoder"));
        List<Double> losses = train(full, folder.resolve("run"), 8, 3e-3, pictures(Squares.ALL));
        assertThat(losses.get(7)).isLessThan(losses.get(0));
        try (Base taught = Base.open(folder.resolve("out"), LoadOptions.DEFAULT)) {
            assertThat(sum(taught, "unet")).isNotEqualTo(sum("unet"));
            assertThat(sum(taught, "text_encoder")).isNotEqualTo(sum("text_encoder"));
        }
        draw(folder.resolve("out"), LoadOptions.DEFAULT);
    }

    @Test
    void aNewWordLearnsAndTheOthersStayAsTheyAre() {
        InversionTuning word = new InversionTuning(base, "<red>", "re", 2);
        LongFunction<LatentBatch> batches =
                encoded(new Captioned(Squares.ALL, InversionTuning.captions("<red>", false)), null);
        List<Double> losses = train(word, folder.resolve("run"), 8, 0.1, batches);
        assertThat(losses.get(7)).isLessThan(losses.get(0));
        Path file = folder.resolve("out").resolve("learned_embeds.safetensors");
        try (TensorFile learned = Safetensors.open(file);
                Parameters start = word.parameters(0)) {
            assertThat(learned.keys()).containsExactly("<red>");
            assertThat(Ops.shape(learned.tensor("<red>"))).containsExactly(2, 32);
            String table = "text_model.embeddings.token_embedding.weight";
            Tensor known = base.weights("text_encoder").get(table, 200, 32);
            Tensor with = word.weights(start.source(DType.F32))
                    .get("text_encoder." + table, 200, 32)
                    .detach();
            int first = word.model().texts().get(0).tokenizer().id("<red>");
            long r = base.text("text_encoder").tokenizer().encode("re")[0];
            assertThat(with.select(0, first).equal(known.select(0, r))).isTrue();
            assertThat(with.narrow(0, 0, first).equal(known.narrow(0, 0, first)))
                    .isTrue();
            long rest = 200L - first - 2;
            assertThat(with.narrow(0, first + 2, rest).equal(known.narrow(0, first + 2, rest)))
                    .isTrue();
        }
        assertThat(draw(LoadOptions.DEFAULT.withEmbedding(file, null), "a <red>"))
                .isNotEqualTo(draw(LoadOptions.DEFAULT, "a <red>"));
    }

    @Test
    void aControlNetStartsWithoutAnEffectAndLearns() {
        Tuning net = new ControlNetTuning(base, null);
        LongFunction<LatentBatch> batches = encoded(Squares.ALL, ControlPictures.canny(100, 200));
        assertThat(loss(net, batches)).isEqualTo(lossOfBase(batches));
        List<Double> losses = train(net, folder.resolve("run"), 8, 3e-3, batches);
        assertThat(losses.get(7)).isLessThan(losses.get(0));
        try (ControlNetCheckpoint written = ControlNetCheckpoint.load(folder.resolve("out"));
                Checkpoint checkpoint = Checkpoint.load(folder.resolve("base"))) {
            Picture edges = ControlPictures.canny(100, 200)
                    .of(new Loader(Squares.ALL, plan(Squares.ALL), Augment.NONE, 0, new SkippedExamples())
                            .batch(0)
                            .samples()
                            .get(0));
            Request request = Request.of("a").withSteps(2).withControls(List.of(Control.of(written, edges)));
            assertThat(new TextToImage(checkpoint).generate(request).get(0))
                    .isNotEqualTo(draw(LoadOptions.DEFAULT, "a"));
        }
        Tuning more = new ControlNetTuning(base, folder.resolve("out"));
        assertThat(loss(more, batches)).isNotEqualTo(losses.get(0));
    }

    @Test
    void aLoraIsLessThanAHundredthOfItsBase() {
        UNetConfig unet = UNetConfig.of(Json.parse("{\"cross_attention_dim\": 768}")); // that of Stable Diffusion 1
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        Shapes.of(p -> new UNet2DCondition(p, unet))
                .forEach((name, shape) ->
                        shapes.put(name, Arrays.stream(shape).boxed().toList()));
        long all = shapes.values().stream()
                .mapToLong(s -> s.stream().reduce(1L, Math::multiplyExact))
                .sum();
        try (Arena arena = new Arena();
                Rng rng = new Rng(0)) {
            long few = LoraConfig.of(16).create(shapes, rng, Device.META, arena).parameters().stream()
                    .mapToLong(Tensor::numel)
                    .sum();
            assertThat(all).isEqualTo(859_520_964);
            assertThat(few).isLessThan(all / 100);
        }
    }

    @Test
    void aRunGoesOnExactly() {
        Tuning lora = new LoraTuning(base, Map.of("unet", LoraConfig.of(2)));
        List<Double> whole = train(lora, folder.resolve("whole"), 6, 1e-2, pictures(Squares.ALL));
        Path run = folder.resolve("parts");
        List<Double> parts = new ArrayList<>(train(lora, run, 3, 1e-2, pictures(Squares.ALL)));
        parts.addAll(train(lora, run, 6, 1e-2, pictures(Squares.ALL)));
        assertThat(parts).isEqualTo(whole);
    }

    @Test
    void blocksMayBeComputedTwice() {
        Tuning lora = new LoraTuning(base, Map.of("unet", LoraConfig.of(2)));
        LongFunction<LatentBatch> batches = pictures(Squares.ALL);
        List<Double> once = train(lora, folder.resolve("once"), config(3, 1e-2), batches);
        List<Double> twice = train(
                lora,
                folder.resolve("twice"),
                builder(3, 1e-2).gradientCheckpointing(true).build(),
                batches);
        assertThat(twice.get(2)).isLessThan(twice.get(0)).isCloseTo(once.get(2), within(1e-5));
    }

    @Test
    void aSubjectIsLearnedBesideItsClass() {
        try (Checkpoint checkpoint = Checkpoint.load(folder.resolve("base"))) {
            Request request = Request.of("a thing").withSteps(2).withSize(32, 32);
            DreamBooth.drawClass(checkpoint, request, 2, folder.resolve("class"), n -> {});
        }
        assertThat(folder.resolve("class")).isDirectoryContaining("glob:**class-00001.png");
        Dataset things = new Captioned(FolderDataset.open(folder.resolve("class")), List.of("a thing"));
        LongFunction<LatentBatch> batches = DreamBooth.batches(pictures(Squares.ALL), encoded(things, null));
        Tuning full = new FullTuning(base, Set.of("unet"));
        Turn turn = new Turn(1, 0, 0, 1);
        try (Parameters parameters = full.parameters(0)) {
            Task.Loss alike = full.task(base.objective(), batches).loss(parameters.source(DType.F32), turn);
            Task.Loss both =
                    full.task(base.objective().withPriorWeight(0.5), batches).loss(parameters.source(DType.F32), turn);
            double prior = Objects.requireNonNull(both.terms().get("prior")).item_double();
            double subject = 2 * alike.total().item_double() - prior;
            assertThat(both.total().item_double()).isCloseTo(subject + 0.5 * prior, within(1e-5));
        }
    }

    @Test
    void aLoraLearnsInHalfPrecision() {
        base.close();
        base = Base.open(folder.resolve("base"), LoadOptions.of(DType.F16, Device.CPU));
        Tuning lora = new LoraTuning(base, Map.of("unet", LoraConfig.of(2)));
        List<Double> losses = train(lora, folder.resolve("run"), 8, 3e-2, pictures(Squares.ALL));
        assertThat(losses.get(7)).isLessThan(losses.get(0));
    }

    @Test
    void bothEncodersOfAnXlLearnANewWord() {
        base.close();
        base = Base.open(TinyXl.write(folder.resolve("base")), LoadOptions.DEFAULT);
        train(new InversionTuning(base, "<red>", "", 1), folder.resolve("run"), 2, 0.1, pictures(Squares.ALL));
        Path file = folder.resolve("out").resolve("learned_embeds.safetensors");
        try (TensorFile learned = Safetensors.open(file)) {
            assertThat(learned.keys()).containsExactlyInAnyOrder("clip_l", "clip_g");
        }
        draw(LoadOptions.DEFAULT.withEmbedding(file, "<red>"), "<red>");
        Map<String, LoraConfig> parts = Map.of(
                "unet", LoraConfig.of(1), "text_encoder_2", LoraConfig.of(1).withTargets(LoraTargets.TEXT));
        List<Double> losses =
                train(new LoraTuning(base, parts), folder.resolve("lora"), 6, 3e-2, pictures(Squares.ALL));
        assertThat(losses.get(5)).isLessThan(losses.get(0));
        Picture plain = draw(LoadOptions.DEFAULT);
        Path lora = folder.resolve("out").resolve("kohya.safetensors");
        assertThat(draw(LoadOptions.DEFAULT.withLora(lora, 1))).isNotEqualTo(plain);
    }

    @Test
    void refusesWhatItCannotTeach() {
        assertThatThrownBy(() -> new FullTuning(base, Set.of("vae")).parameters(0))
                .hasMessageContaining("part [vae] cannot be taught: use one of");
        assertThatThrownBy(() -> new InversionTuning(base, "a", "b", 1)).hasMessageContaining("already");
        assertThatThrownBy(() -> new InversionTuning(base, " ", "b", 1)).hasMessageContaining("wanted a word");
        assertThatThrownBy(() -> loss(new ControlNetTuning(base, null), pictures(Squares.ALL)))
                .hasMessageContaining("control pictures");
    }

    private LongFunction<LatentBatch> pictures(Dataset data) {
        return encoded(data, null);
    }

    private LongFunction<LatentBatch> encoded(Dataset data, @Nullable ControlPictures control) {
        Loader loader = new Loader(data, plan(data), Augment.NONE, 0, new SkippedExamples());
        EncodedBatches batches = new EncodedBatches(base, loader::batch);
        return control == null ? batches : batches.withControl(control);
    }

    private static BatchPlan plan(Dataset data) {
        return BatchPlan.of(data, Buckets.only(new Size(32, 32)), 2, 0, new SkippedExamples());
    }

    /** Loss on one batch and its noise, before anything is learned. */
    private double loss(Tuning tuning, LongFunction<LatentBatch> batches) {
        try (Parameters parameters = tuning.parameters(0)) {
            Task task = tuning.task(base.objective(), batches);
            return loss(task, parameters.source(parameters.values(), DType.F32));
        }
    }

    private double lossOfBase(LongFunction<LatentBatch> batches) {
        return loss(new DiffusionTask(base.model(), base.objective(), batches), base.with(Map.of()));
    }

    private static double loss(Task task, WeightSource weights) {
        return Scopes.within(
                () -> task.loss(weights, new Turn(1, 0, 0, 1)).total().item_double());
    }

    /** Trains on the same batch and noise again and again, so that a loss that falls means that something is learned. */
    private List<Double> train(Tuning tuning, Path run, long steps, double rate, LongFunction<LatentBatch> batches) {
        return train(tuning, run, config(steps, rate), batches);
    }

    private TrainingConfig config(long steps, double rate) {
        return builder(steps, rate).build();
    }

    private TrainingConfig.Builder builder(long steps, double rate) {
        return TrainingConfig.builder(steps, rate).seed(1).dtype(base.dtype()).saveEvery(steps);
    }

    private List<Double> train(Tuning tuning, Path run, TrainingConfig config, LongFunction<LatentBatch> batches) {
        List<Double> losses = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void step(Step step) {
                losses.add(step.loss());
            }
        };
        Task task = tuning.task(base.objective(), batches);
        try (Parameters parameters = tuning.parameters(0);
                Trainer trainer = new Trainer(
                        run, config, parameters, (w, turn) -> task.loss(w, new Turn(1, 0, 0, 1)), List.of(listener))) {
            trainer.run(() -> false);
            WeightSource learned = parameters.source(trainer.best(), DType.F32);
            Scopes.run(() -> tuning.write(folder.resolve("out"), learned, DType.F32));
        }
        return losses;
    }

    private double sum(String part) {
        return sum(base, part);
    }

    private static double sum(Base base, String part) {
        return Scopes.within(() -> base.shapes(part).entrySet().stream()
                .mapToDouble(e -> base.weights(part)
                        .get(e.getKey(), e.getValue())
                        .abs()
                        .sum()
                        .item_double())
                .sum());
    }

    private Picture draw(LoadOptions options) {
        return draw(options, "a");
    }

    private Picture draw(LoadOptions options, String prompt) {
        return draw(folder.resolve("base"), options, prompt);
    }

    private static void draw(Path checkpoint, LoadOptions options) {
        draw(checkpoint, options, "a");
    }

    private static Picture draw(Path path, LoadOptions options, String prompt) {
        try (Checkpoint checkpoint = Checkpoint.load(path, options)) {
            return new TextToImage(checkpoint)
                    .generate(Request.of(prompt).withSteps(2))
                    .get(0);
        }
    }

    /** Four squares on a plain ground. */
    private enum Squares implements Dataset {
        ALL;

        @Override
        public int size() {
            return 4;
        }

        @Override
        public String name(int index) {
            return "picture-" + index;
        }

        @Override
        public Size pictureSize(int index) {
            return new Size(40, 40);
        }

        @Override
        public Example get(int index) {
            Picture picture = Picture.filled(40, 40, 3, 60).paste(Picture.filled(12, 12, 3, 230), 5 + 4 * index, 9);
            return new Example(name(index), picture, List.of("a square"));
        }
    }
}
