package dev.latente.training.recipe;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.training.AdamW;
import dev.latente.training.EmaConfig;
import dev.latente.training.LrSchedule;
import dev.latente.training.TrainingConfig;
import dev.latente.weights.hub.Hub;
import dev.latente.weights.hub.HubConfig;
import dev.latente.weights.hub.HubId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is trained, on what and how: a YAML file whose every key is checked before anything is computed.
 *
 * @param training what learns
 * @param output folder of the run: its log, its checkpoints, its samples
 * @param export folder that the trained model is written to, as diffusers writes one
 * @param exportType dtype of what is exported
 * @param device that the model learns on
 * @param checkpoints by name, beside those of the disk and the Hub
 * @param source what the file says
 */
public record Recipe(
        Training training,
        DataConfig data,
        TrainingConfig config,
        Samples samples,
        Path output,
        Path export,
        DType exportType,
        Device device,
        Map<String, Supplier<Path>> checkpoints,
        JsonNode source) {
    /**
     * What a program adds to what recipes can name.
     *
     * @param sources of examples, by the key that names them in {@code data}
     * @param checkpoints that can be taught, by what {@code base.checkpoint} calls them
     */
    public record Extensions(
            Map<String, Function<Section, DataSource>> sources, Map<String, Supplier<Path>> checkpoints) {
        public static final Extensions NONE = new Extensions(Map.of(), Map.of());
    }

    private static final Map<String, DType> PRECISIONS =
            Map.of("fp32", DType.F32, "bf16", DType.BF16, "fp16", DType.F16);

    private static final Map<String, AdamW.State> STATES =
            Map.of("fp32", AdamW.State.FP32, "8bit", AdamW.State.EIGHT_BIT);

    private static final Map<String, Function<Section, Training>> TRAININGS = trainings();

    private static Map<String, Function<Section, Training>> trainings() {
        Map<String, Function<Section, Training>> trainings = new LinkedHashMap<>();
        trainings.put("vae", VaeTraining::of);
        trainings.put("taesd", TaesdTraining::of);
        trainings.put("clip", ClipTraining::of);
        trainings.put("unet", UNetTraining::of);
        trainings.put("finetune", TuningTraining::full);
        trainings.put("lora", TuningTraining::lora);
        trainings.put("dreambooth", TuningTraining::dreamBooth);
        trainings.put("textual_inversion", TuningTraining::textualInversion);
        trainings.put("controlnet", TuningTraining::controlNet);
        return trainings;
    }

    /** Reads a recipe whose examples lie in files. */
    public static Recipe read(Path file) {
        return read(file, Map.of(), Extensions.NONE);
    }

    /**
     * Reads a recipe.
     *
     * @param overrides values by path, such as {@code optimizer.learning_rate}, that take the place of the file's
     * @throws IllegalArgumentException that says in which line what is wrong
     */
    public static Recipe read(Path file, Map<String, String> overrides, Extensions extensions) {
        Section root = Yaml.read(file, overrides);
        Map<String, Function<Section, DataSource>> kinds = new LinkedHashMap<>(DataSource.standard());
        kinds.putAll(extensions.sources());
        Training training = root.choice("train", TRAININGS).apply(root);
        DataConfig data = DataConfig.of(root.section("data"), kinds);
        Samples samples = Samples.of(root);
        TrainingConfig config = config(root, data.accumulation(), samples.every());
        Path output = root.path("output");
        Path export = root.has("export") ? root.path("export") : output.resolve("model");
        Recipe recipe = new Recipe(
                training,
                data,
                config,
                samples,
                output,
                export,
                root.choice("export_precision", PRECISIONS, DType.F32),
                root.has("device") ? root.checked(() -> Device.parse(root.text("device"))) : Device.CPU,
                extensions.checkpoints(),
                root.json());
        root.requireAllKnown();
        return recipe;
    }

    /** Where the checkpoint that {@code base} names is; downloaded into the Hub's cache if it is nowhere. */
    Path checkpoint(String name, RunWatcher watcher) {
        Supplier<Path> named = checkpoints.get(name);
        if (named != null) {
            return named.get();
        }
        Path path = Path.of(name);
        if (Files.exists(path)) {
            return path;
        }
        HubId id = HubId.tryParse(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "base.checkpoint: [%s] is no folder, no file and no ORG/NAME of the Hub".formatted(name)));
        return new Hub(HubConfig.fromEnvironment()).checkpoint(id, null, watcher::downloaded);
    }

    private static TrainingConfig config(Section root, int accumulation, long sampleEvery) {
        int steps = root.integer("steps");
        Section o = root.section("optimizer");
        double rate = o.number("learning_rate");
        int warmup = o.integer("warmup", 0);
        int cycles = o.integer("cycles", 1);
        double power = o.number("power", 1);
        String name = o.text("schedule", "constant");
        LrSchedule schedule = o.checked(() -> LrSchedule.of(
                name.equals("constant") && warmup > 0 ? "constant_with_warmup" : name, warmup, steps, cycles, power));
        AdamW.Config adam = adam(o);
        double clip = o.number("clip", 1);
        @Nullable EmaConfig ema = root.has("ema") ? ema(root.section("ema")) : null;
        DType dtype = root.choice("precision", PRECISIONS, DType.F32);
        long seed = root.whole("seed", 0);
        long saveEvery = root.whole("save_every", 1000);
        boolean twice = root.flag("gradient_checkpointing", false);
        int workers = root.integer("workers", 1);
        return root.checked(() -> TrainingConfig.builder(steps, rate)
                .seed(seed)
                .accumulation(accumulation)
                .schedule(schedule)
                .optimizer(adam)
                .clip(clip)
                .ema(ema)
                .dtype(dtype)
                .saveEvery(saveEvery)
                .sampleEvery(sampleEvery)
                .gradientCheckpointing(twice)
                .workers(workers)
                .build());
    }

    private static AdamW.Config adam(Section o) {
        AdamW.Config d = AdamW.Config.DEFAULT;
        List<Double> betas = o.numbers("betas", List.of(d.beta1(), d.beta2()));
        double eps = o.number("eps", d.eps());
        double decay = o.number("weight_decay", d.weightDecay());
        AdamW.State state = o.choice("state", STATES, AdamW.State.FP32);
        return o.checked(() -> new AdamW.Config(betas.get(0), betas.get(1), eps, decay, state));
    }

    private static EmaConfig ema(Section s) {
        EmaConfig d = EmaConfig.DEFAULT;
        return new EmaConfig(
                s.number("decay", d.decay()),
                s.number("min_decay", d.minDecay()),
                s.whole("update_after_step", d.updateAfterStep()),
                s.flag("warmup", d.warmup()),
                s.number("inv_gamma", d.invGamma()),
                s.number("power", d.power()));
    }
}
