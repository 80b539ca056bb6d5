package dev.latente.cli;

import dev.latente.mundo.DefaultModel;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.MemoryBudget;
import dev.latente.pipelines.Residency;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.hub.Hub;
import dev.latente.weights.hub.HubConfig;
import dev.latente.weights.hub.HubException;
import dev.latente.weights.hub.HubId;
import dev.latente.weights.layout.CheckpointFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which checkpoint, and how it is loaded. */
final class ModelOptions {
    /** What the model is called that comes with Latente; a folder of this name is {@code ./mundo}. */
    static final String DEFAULT = "mundo";

    /** What {@code --t5} is given for no such model. */
    private static final String NONE = "none";

    /** Where the tokenizer is that single files were trained with. */
    static final String CLIP = "openai/clip-vit-large-patch14";

    private static final List<String> TOKENIZER_FILES =
            List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json");

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            defaultValue = "${env:LATENTE_MODEL}")
    @Nullable
    String model;

    @Option(names = "--variant", paramLabel = "NAME")
    @Nullable
    String variant;

    @Option(names = "--vae", paramLabel = "MODEL")
    @Nullable
    String vae;

    @Option(names = "--text-encoder", paramLabel = "MODEL")
    @Nullable
    String textEncoder;

    @Option(names = "--text-encoder-2", paramLabel = "MODEL")
    @Nullable
    String textEncoder2;

    @Option(names = "--t5", paramLabel = "MODEL")
    @Nullable
    String t5;

    @Option(names = "--tokenizer", paramLabel = "MODEL")
    @Nullable
    String tokenizer;

    @Option(names = "--prediction", paramLabel = "TYPE")
    @Nullable
    String prediction;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "fp32")
    String dtype = "fp32";

    /** Where weights are while nothing computes with them. */
    enum Weights {
        RESIDENT,
        STORED,
        STREAMED
    }

    @Option(names = "--weights", paramLabel = "WHERE")
    @Nullable
    Weights weights;

    @Option(names = "--max-memory", paramLabel = "GB", descriptionKey = "max.memory")
    @Nullable
    Double maxMemory;

    @Option(names = "--vae-tiling", descriptionKey = "vae.tiling")
    boolean vaeTiling;

    private @Nullable MemoryBudget fitted;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "auto")
    String device = "auto";

    @Option(names = "--threads", paramLabel = "N")
    @Nullable
    Integer threads;

    /** Loads the checkpoint of {@code --model}, with adapters. */
    Checkpoint load(AdapterOptions adapters, Console console) {
        return load(required(), adapters, console);
    }

    /** Loads another checkpoint with the same options, such as a refiner. */
    Checkpoint load(String name, Console console) {
        return load(name, new AdapterOptions(), console);
    }

    private Checkpoint load(String name, AdapterOptions adapters, Console console) {
        applyThreads();
        Path path = resolve(name, console);
        LoadOptions options = options(console);
        if (tokenizer != null || Files.isRegularFile(path)) {
            options = options.withTokenizer(tokenizer(tokenizer == null ? CLIP : tokenizer, console));
        }
        Checkpoint checkpoint = Checkpoint.load(path, adapters.apply(options));
        if (checkpoint.lacksT5() && !NONE.equals(t5)) {
            console.say(Main.message("no.t5"));
        }
        return checkpoint;
    }

    /** What the files of a checkpoint say, with the parts that are taken from elsewhere. */
    CheckpointFiles files(Path path, Console console) {
        return CheckpointFiles.open(path, options(console).files());
    }

    private LoadOptions options(Console console) {
        LoadOptions options = options().withPredictionType(prediction);
        if (vae != null) {
            options = options.withComponent("vae", resolve(vae, console));
        }
        if (textEncoder != null) {
            options = options.withComponent("text_encoder", resolve(textEncoder, console));
        }
        if (textEncoder2 != null) {
            options = options.withComponent("text_encoder_2", resolve(textEncoder2, console));
        }
        if (t5 != null) {
            options = t5.equals(NONE)
                    ? options.withoutComponent("text_encoder_3")
                    : options.withComponent("text_encoder_3", resolve(t5, console));
        }
        return options;
    }

    /** What also counts for a model beside the checkpoint, such as a ControlNet. */
    LoadOptions options() {
        LoadOptions options = LoadOptions.of(DType.parse(dtype), Device.parse(device))
                .withVariant(variant)
                .withResidency(residency());
        LoadOptions limited = fitted == null ? options : fitted.apply(options);
        return limited.withTiling(vaeTiling || limited.tiling());
    }

    /** The budget of what will be drawn, changed to keep to {@code --max-memory}; so are the options from now on. */
    MemoryBudget fit(MemoryBudget budget) {
        if (maxMemory == null) {
            return budget;
        }
        if (weights != null) {
            throw new IllegalArgumentException(Main.message("max.memory.alone"));
        }
        fitted = budget.within(Math.round(maxMemory * 1e9));
        return fitted;
    }

    private Residency residency() {
        return switch (weights == null ? Weights.RESIDENT : weights) {
            case RESIDENT -> Residency.ALL;
            case STORED -> Residency.stored(0);
            case STREAMED -> Residency.streamed(0);
        };
    }

    /** The model that was named, else the one that comes along. */
    String required() {
        return model == null || model.isBlank() ? DEFAULT : model;
    }

    void applyThreads() {
        if (threads == null) {
            return;
        }
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("--threads: got [%d], wanted 1 to 1024".formatted(threads));
        }
        Ops.setThreads(threads);
    }

    /** The default model, a folder, a file, or a model of the Hub, whose files are downloaded where the cache lacks them. */
    Path resolve(String name, Console console) {
        if (name.equals(DEFAULT)) {
            return DefaultModel.path();
        }
        Path path = Path.of(name);
        if (Files.exists(path)) {
            return path;
        }
        Path folder = hub().checkpoint(id(name), variant, console::download);
        boolean parts = Files.exists(folder.resolve("model_index.json")) || Files.exists(folder.resolve("config.json"));
        return parts ? folder : onlyFile(folder);
    }

    /** A tokenizer folder, or the tokenizer of a model of the Hub. */
    private Path tokenizer(String name, Console console) {
        Path path = Path.of(name);
        if (Files.exists(path)) {
            return path;
        }
        try {
            return hub().snapshot(
                            id(name),
                            files -> files.stream()
                                    .filter(TOKENIZER_FILES::contains)
                                    .toList(),
                            console::download);
        } catch (HubException e) {
            throw new HubException(Main.message("no.tokenizer", String.valueOf(e.getMessage())), e);
        }
    }

    private static Hub hub() {
        return new Hub(HubConfig.fromEnvironment());
    }

    private static HubId id(String name) {
        return HubId.tryParse(name)
                .orElseThrow(() -> new IllegalArgumentException(Main.message("no.such.model", name)));
    }

    /** The checkpoint of a repository that holds a single file. */
    private static Path onlyFile(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().matches(".*\\.(safetensors|ckpt|pt|gguf)"))
                    .findFirst()
                    .orElse(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** These options as they were given, for a picture that is to be made again. */
    List<String> arguments() {
        List<String> out = new ArrayList<>();
        add(out, "--model", required());
        add(out, "--dtype", dtype);
        add(out, "--weights", weights == null ? null : weights.name().toLowerCase(Locale.ROOT));
        add(out, "--max-memory", maxMemory);
        if (vaeTiling) {
            out.add("--vae-tiling");
        }
        add(out, "--device", device);
        add(out, "--threads", Ops.threads());
        add(out, "--variant", variant);
        add(out, "--vae", vae);
        add(out, "--text-encoder", textEncoder);
        add(out, "--text-encoder-2", textEncoder2);
        add(out, "--t5", t5);
        add(out, "--tokenizer", tokenizer);
        add(out, "--prediction", prediction);
        return out;
    }

    /** Adds {@code option=value}, a form in which a value may begin with a dash. */
    static void add(List<String> out, String option, @Nullable Object value) {
        if (value != null) {
            out.add(option + "=" + value);
        }
    }
}
