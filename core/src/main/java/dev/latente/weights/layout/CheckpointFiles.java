package dev.latente.weights.layout;

import dev.latente.weights.Json;
import dev.latente.weights.ReadAhead;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A checkpoint taken apart: a folder of diffusers, or a single file of the original code in any format that
 * {@link TensorFiles} opens. Every model has its configuration and its weights under canonical names. Thread-safe.
 */
public final class CheckpointFiles implements AutoCloseable {
    private static final Set<String> NOT_NEEDED = Set.of("safety_checker", "image_encoder", "clip");

    /**
     * How to open a checkpoint.
     *
     * @param variant of the files of a folder, such as fp16, or null; models without it are read as they are
     * @param components models that are taken from another folder or file, by name, such as vae
     * @param configs a folder of diffusers whose configurations count instead of detected ones, or null
     * @param predictionType epsilon or v_prediction where a single file does not say or says wrong, or null
     * @param streamed whether data is read from the files each time and freed after use, not mapped
     * @param without models that are left out as if they were not there, such as text_encoder_3
     */
    public record Options(
            @Nullable String variant,
            Map<String, Path> components,
            @Nullable Path configs,
            @Nullable String predictionType,
            boolean streamed,
            Set<String> without) {
        public static final Options DEFAULT = new Options(null, Map.of(), null, null, false, Set.of());

        public Options {
            components = Map.copyOf(components);
            without = Set.copyOf(without);
        }

        public Options withVariant(String name) {
            return new Options(name, components, configs, predictionType, streamed, without);
        }

        public Options withComponent(String component, Path from) {
            Map<String, Path> more = new LinkedHashMap<>(components);
            more.put(component, from);
            return new Options(variant, more, configs, predictionType, streamed, without);
        }

        public Options withConfigs(Path folder) {
            return new Options(variant, components, folder, predictionType, streamed, without);
        }

        public Options withPredictionType(String type) {
            return new Options(variant, components, configs, type, streamed, without);
        }

        public Options withStreaming() {
            return new Options(variant, components, configs, predictionType, true, without);
        }

        public Options withoutComponent(String component) {
            Set<String> more = new LinkedHashSet<>(without);
            more.add(component);
            return new Options(variant, components, configs, predictionType, streamed, more);
        }

        private boolean takes(String component) {
            return !components.containsKey(component) && !without.contains(component);
        }
    }

    private record Component(JsonNode config, ComponentWeights weights) {}

    private final Path origin;
    private final Options options;
    private final @Nullable ReadAhead reads;
    private final List<TensorFile> files = new ArrayList<>();
    private final Map<String, Component> components = new LinkedHashMap<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final Family family;
    private final JsonNode schedulerConfig;

    /**
     * Opens the files.
     *
     * @param hint the family of a checkpoint that does not tell, such as an autoencoder alone, or null
     * @param reads reads the files; null if they are mapped
     */
    private CheckpointFiles(Path origin, Options options, @Nullable Family hint, @Nullable ReadAhead reads) {
        this.origin = origin;
        this.options = options;
        this.reads = reads;
        try {
            options.components.forEach((name, path) -> {
                if (!name.equals("vae")) {
                    replace(name, path, null);
                }
            });
            SingleFile single = Files.isDirectory(origin) ? null : new SingleFile(opened(origin));
            if (single == null) {
                readFolder();
                family = family(hint);
                schedulerConfig = folderScheduler(origin);
            } else {
                ignored.addAll(single.ignored());
                for (String name : List.of("text_encoder", "text_encoder_2", "text_encoder_3", "unet", "transformer")) {
                    read(single, name, Family.SD1);
                }
                family = family(hint);
                read(single, "vae", family);
                schedulerConfig = scheduler(single);
            }
            Path vae = options.components.get("vae");
            if (vae != null) {
                replace("vae", vae, family);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens every model of a checkpoint; reads no tensor data.
     *
     * @throws WeightsException if it is no checkpoint, or holds a tensor that belongs to no model
     */
    public static CheckpointFiles open(Path folderOrFile, Options options) {
        return new CheckpointFiles(folderOrFile, options, null, options.streamed ? new ReadAhead() : null);
    }

    public static CheckpointFiles open(Path folderOrFile) {
        return open(folderOrFile, Options.DEFAULT);
    }

    public Family family() {
        return family;
    }

    /** Whether the network also reads a mask and a masked picture (Rombach et al. 2022, section 4.5). */
    public boolean inpainting() {
        String denoiser = family.denoiser();
        if (!has(denoiser)) {
            return false;
        }
        int out = config(denoiser).path("out_channels").asInt(4);
        return config(denoiser).path("in_channels").asInt(out) == 2 * out + 1;
    }

    /** The models that are there: unet or transformer, vae, text_encoder, text_encoder_2, text_encoder_3. */
    public Set<String> components() {
        return Set.copyOf(components.keySet());
    }

    public boolean has(String component) {
        return components.containsKey(component);
    }

    /** What {@code config.json} says, or what the shapes of a single file tell. */
    public JsonNode config(String component) {
        return component(component).config;
    }

    /** Weights under the names of diffusers or transformers, with {@code text_model.} in front of CLIP's. */
    public WeightSource weights(String component) {
        return component(component).weights;
    }

    /** Names and shapes of the weights of a model. */
    public Map<String, List<Long>> shapes(String component) {
        return component(component).weights.shapes();
    }

    /** A weight as it is stored, in the caller's scope. */
    public Tensor tensor(String component, String name) {
        return component(component).weights.tensor(name);
    }

    /** What the files say of the tensors that a model's weights are made of, by the first canonical name of each. */
    public Map<String, TensorInfo> tensors(String component) {
        return component(component).weights.stored();
    }

    ComponentWeights stored(String component) {
        return component(component).weights;
    }

    /** The folder of that tokenizer, such as {@code tokenizer_2}, or {@code tokenizer_3} of a T5; null for a single file, which has none. */
    public @Nullable Path tokenizer(String name) {
        Path folder = (Files.isDirectory(origin) ? origin : base()).resolve(family.folder(name));
        return Files.isDirectory(folder) ? folder : null;
    }

    /** What {@code scheduler_config.json} says, or what the family's published folders say. */
    public JsonNode schedulerConfig() {
        return schedulerConfig;
    }

    /** How an upscaler noises the picture that it enlarges: its {@code low_res_scheduler}, else the published one's. */
    public JsonNode lowResSchedulerConfig() {
        Path file = base().resolve("low_res_scheduler").resolve("scheduler_config.json");
        return Files.isRegularFile(file) ? Json.read(file) : Json.parse("""
                {"_class_name": "DDPMScheduler", "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "scaled_linear"}
                """);
    }

    /** What {@code latente.json} of a folder says about how it is commonly used; empty where it says nothing. */
    public JsonNode usual() {
        Path file = origin.resolve("latente.json");
        return Files.isRegularFile(file) ? Json.read(file) : Json.parse("{}");
    }

    /** What {@code model_index.json} says, or would say if this were a folder. */
    public JsonNode modelIndex() {
        Path file = base().resolve("model_index.json");
        if (Files.isRegularFile(file)) {
            return Json.read(file);
        }
        ObjectNode index = (ObjectNode) Json.parse("{}");
        String inpaint = inpainting() && family != Family.SDXL_REFINER ? "InpaintPipeline" : "Pipeline";
        index.put("_class_name", family.pipeline.replace("Pipeline", inpaint));
        components.forEach((name, component) -> {
            String type = component.config.path("_class_name").asString("");
            String clip = component.config.path("architectures").path(0).asString("CLIPTextModel");
            index.putArray(family.folder(name))
                    .add(type.isEmpty() ? "transformers" : "diffusers")
                    .add(type.isEmpty() ? clip : type);
        });
        if (family == Family.SDXL || family == Family.SDXL_REFINER) {
            index.put("force_zeros_for_empty_prompt", family == Family.SDXL)
                    .put("requires_aesthetics_score", family == Family.SDXL_REFINER);
        }
        index.putArray("scheduler")
                .add("diffusers")
                .add(schedulerConfig.path("_class_name").asString());
        return index;
    }

    /** What is in the checkpoint and left out, with the reasons. */
    public List<Ignored> ignored() {
        return List.copyOf(ignored);
    }

    @Override
    public void close() {
        if (reads != null) {
            reads.close();
        }
        files.forEach(TensorFile::close);
    }

    @Override
    public String toString() {
        return origin.toString();
    }

    private Component component(String name) {
        Component component = components.get(name);
        if (component == null) {
            throw new WeightsException(
                    origin,
                    null,
                    "has no [%s], only %s: take it from another checkpoint".formatted(name, components.keySet()));
        }
        return component;
    }

    private void readFolder() {
        boolean variant = options.variant == null;
        try (Stream<Path> folders = Files.list(origin)) {
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                String name = folder.getFileName().toString();
                DiffusersFolder model = new DiffusersFolder(folder, options.variant);
                if (NOT_NEEDED.contains(name)) {
                    ignored.add(new Ignored(name, "no picture is drawn with it"));
                } else if (model.isThere() && options.takes(component(name, model))) {
                    put(component(name, model), model);
                    variant |= model.hasVariant();
                }
            }
        } catch (IOException e) {
            throw new WeightsException(origin, null, "cannot be read: " + e.getMessage(), e);
        }
        if (!variant) {
            throw new WeightsException(origin, null, "no model has the variant [%s]".formatted(options.variant));
        }
    }

    /** What the model of a folder is called here: T5 is the third text encoder, though Flux.1 has it as the second. */
    private static String component(String folder, DiffusersFolder model) {
        return folder.equals("text_encoder_2") && model.config().has("d_model") ? "text_encoder_3" : folder;
    }

    private void put(String name, DiffusersFolder model) {
        components.put(name, new Component(model.config(), model.weights(opened(model.file()), ignored)));
    }

    private TensorFile opened(Path path) {
        TensorFile file = TensorFiles.open(path, reads);
        files.add(file);
        return file;
    }

    private void read(SingleFile single, String name, Family family) {
        ComponentWeights weights = single.components().get(name);
        if (weights != null && options.takes(name)) {
            Path given = base().resolve(name).resolve("config.json");
            boolean isGiven = Files.isRegularFile(given);
            components.put(name, new Component(isGiven ? Json.read(given) : single.config(name, family), weights));
        }
    }

    /** Takes a model from its own folder, or from a whole checkpoint. */
    private void replace(String name, Path from, @Nullable Family hint) {
        DiffusersFolder folder = new DiffusersFolder(from, options.variant);
        if (folder.isThere()) {
            put(name, folder);
            return;
        }
        CheckpointFiles other = new CheckpointFiles(from, Options.DEFAULT, hint, reads);
        files.addAll(other.files);
        // A text encoder alone in a file does not say which one it is to be.
        boolean alone =
                name.startsWith("text_encoder") && other.components.keySet().equals(Set.of("text_encoder"));
        components.put(name, other.component(alone ? "text_encoder" : name));
    }

    private Family family(@Nullable Family hint) {
        Map<String, JsonNode> configs = new LinkedHashMap<>();
        components.forEach((name, component) -> configs.put(name, component.config));
        if (hint != null && !has("unet") && !has("transformer")) {
            return hint;
        }
        try {
            return Family.of(configs);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(origin, null, String.valueOf(e.getMessage()), e);
        }
    }

    /** The folder whose configurations count. */
    private Path base() {
        return options.configs == null ? origin : options.configs;
    }

    private JsonNode folderScheduler(Path folder) {
        Path file = folder.resolve("scheduler").resolve("scheduler_config.json");
        return Files.isRegularFile(file) ? Json.read(file) : family.schedulerConfig("epsilon");
    }

    private JsonNode scheduler(SingleFile single) {
        if (options.configs != null && options.predictionType == null) {
            return folderScheduler(options.configs);
        }
        return SingleFileScheduler.config(single, this, options.predictionType);
    }
}
