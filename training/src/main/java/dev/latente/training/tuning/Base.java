package dev.latente.training.tuning;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.Tokenizers;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A checkpoint that is being taught: its parts, and its weights as they were published, which nobody changes. Each weight is
 * read when it is first needed and kept in the dtype to compute in.
 */
public final class Base implements AutoCloseable {
    private final Arena arena = new Arena();
    private final Path path;
    private final LoadOptions options;
    private final CheckpointFiles files;
    private final DType dtype;
    private final Device device;
    private final SchedulerConfig scheduler;
    private final DiffusionTask.Model model;
    private final AutoencoderKL vae;
    private final DType vaeType;
    private final Map<String, WeightSource> frozen = new LinkedHashMap<>();

    private Base(Path path, LoadOptions options) {
        this.path = path;
        this.options = options;
        files = CheckpointFiles.open(path, options.files());
        dtype = options.dtype();
        device = options.device();
        try {
            List<DiffusionTask.Text> texts = new ArrayList<>();
            for (String name : List.of("text_encoder", "text_encoder_2")) {
                if (files.has(name)) {
                    String tokenizer = name.replace("text_encoder", "tokenizer");
                    texts.add(new DiffusionTask.Text(
                            name,
                            ClipTextConfig.of(files.config(name)),
                            Tokenizers.load(files, tokenizer, options.tokenizer())));
                    frozen.put(name, new Frozen(files.weights(name), arena, dtype, device));
                }
            }
            if (texts.isEmpty()
                    || !files.has("vae")
                    || !options.loras().isEmpty()
                    || !options.embeddings().isEmpty()) {
                throw new WeightsException(
                        "%s: wanted a checkpoint with text encoder, autoencoder and U-Net, and without adapters, to teach; got %s"
                                .formatted(files, files.components()));
            }
            frozen.put("unet", new Frozen(files.weights("unet"), arena, dtype, device));
            scheduler = SchedulerConfig.of(Json.members(files.schedulerConfig()));
            VaeConfig vaeConfig = VaeConfig.of(files.config("vae"));
            vaeType = vaeConfig.dtype(dtype);
            vae = new AutoencoderKL(
                    Params.of(WeightSources.cast(files.weights("vae"), vaeType, device), arena), vaeConfig);
            model = new DiffusionTask.Model(
                    UNetConfig.of(files.config("unet")),
                    texts,
                    null,
                    NoiseSchedule.of(scheduler),
                    vaeConfig.scalingFactor(),
                    device);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a checkpoint of Stable Diffusion 1, 2 or XL, in any layout.
     *
     * @param options of the dtype to compute in: the one that the run is configured with
     * @throws WeightsException if it is no such checkpoint, or broken
     */
    public static Base open(Path folderOrFile, LoadOptions options) {
        return new Base(folderOrFile, options);
    }

    /** The parts that take part in a step. */
    public DiffusionTask.Model model() {
        return model;
    }

    /** What the U-Net was trained to predict, and nothing but the squared error. */
    public DiffusionTask.Config objective() {
        return DiffusionTask.Config.of(Prediction.of(scheduler));
    }

    public AutoencoderKL vae() {
        return vae;
    }

    public Device device() {
        return device;
    }

    /** Pictures [B,3,H,W] in [-1,1] -> means, then standard deviations of their latents, fp32 on the CPU [B,2·C,h,w]. */
    public Tensor encode(Tensor pixels) {
        var moments = vae.encode(Ops.to(pixels, vaeType, device));
        return Ops.to(Ops.cat(1, moments.mean(), moments.std()), DType.F32, Device.CPU);
    }

    Path path() {
        return path;
    }

    LoadOptions options() {
        return options;
    }

    CheckpointFiles files() {
        return files;
    }

    DType dtype() {
        return dtype;
    }

    /** The weights of a part in the dtype to compute in: unet, text_encoder or text_encoder_2. */
    WeightSource weights(String part) {
        WeightSource weights = frozen.get(part);
        if (weights == null) {
            throw new IllegalArgumentException(
                    "%s: part [%s] cannot be taught: use one of %s".formatted(files, part, frozen.keySet()));
        }
        return weights;
    }

    /** Names and shapes of the weights of a part. */
    Map<String, long[]> shapes(String part) {
        weights(part);
        return Shapes.of(
                part.equals("unet")
                        ? p -> new UNet2DCondition(p, model.unet())
                        : p -> new ClipTextModel(p, text(part).config()));
    }

    DiffusionTask.Text text(String part) {
        return model.texts().stream()
                .filter(t -> t.name().equals(part))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("%s: has no [%s]".formatted(files, part)));
    }

    /** All weights under the names of their parts, those of some parts from elsewhere. */
    WeightSource with(Map<String, WeightSource> changed) {
        Map<String, WeightSource> all = new LinkedHashMap<>(frozen);
        changed.forEach((part, source) -> all.put(part, WeightSources.cast(source, dtype, device)));
        Map<String, WeightSource> prefixed = new LinkedHashMap<>();
        all.forEach((part, source) -> prefixed.put(part + ".", source));
        return WeightSources.joined(prefixed);
    }

    @Override
    public void close() {
        files.close();
        arena.close();
    }

    @Override
    public String toString() {
        return files.toString();
    }
}
