package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Steps;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.flux.Flux;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.vae.Autoencoder;
import dev.latente.profile.Phase;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A loaded checkpoint: text encoders, U-Net or transformer, autoencoder and scheduler. Thread-safe: one serves many threads. Close it when
 * nothing runs on it any more.
 */
public final class Checkpoint implements AutoCloseable {
    private final CheckpointFiles files; // open, so that weights can be taken from them and changed
    private final Models models;
    private final @Nullable Checkpoint base; // that owns what this one shares
    private final Residency residency;
    private final Network network;
    private final Conditioner conditioner;
    private final LatentCodec codec;
    private final SchedulerConfig scheduler;
    private final SchedulerConfig lowResScheduler;
    private final int maxNoiseLevel;
    private final DType dtype;
    private final Device device;
    private final JsonNode usual;
    private int users = 1; // this one, until it is closed, and those that share its weights
    private boolean closed;

    private Checkpoint(CheckpointFiles files, LoadOptions options) {
        this.files = files;
        base = null;
        residency = options.residency();
        dtype = options.dtype();
        device = options.device();
        models = Models.of(files, options);
        try {
            Map<String, CompletableFuture<ClipTokenizer>> tokenizers = Tokenizers.of(files, options);
            network = models.network();
            codec = models.codec();
            conditioner = models.conditioner(network, tokenizers);
            scheduler = network.schedule(SchedulerConfig.of(Json.members(files.schedulerConfig())));
            lowResScheduler = SchedulerConfig.of(Json.members(files.lowResSchedulerConfig()));
            maxNoiseLevel = files.modelIndex().path("max_noise_level").asInt(350);
            usual = files.usual();
        } catch (RuntimeException e) {
            models.close();
            throw e;
        }
    }

    /** The same checkpoint with more LoRAs. */
    private Checkpoint(Checkpoint base, List<LoadOptions.ScaledLora> loras) {
        files = base.files;
        dtype = base.dtype;
        device = base.device;
        residency = base.residency;
        codec = base.codec;
        scheduler = base.scheduler;
        lowResScheduler = base.lowResScheduler;
        maxNoiseLevel = base.maxNoiseLevel;
        usual = base.usual;
        base.share();
        this.base = base;
        try {
            models = base.models.with(loras);
        } catch (RuntimeException e) {
            base.release();
            throw e;
        }
        try {
            network = base.network.with(models);
            conditioner = base.conditioner.with(models);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * This checkpoint with LoRAs laid over what it was loaded with, as if it had been loaded so: pictures are the same to the
     * byte. Nothing is loaded again: only the layers that are changed are made anew, all else is shared, and stays until both
     * are closed. What runs on this one goes on undisturbed. By any thread, at any time.
     *
     * @throws WeightsException if a LoRA is broken, or is for another family of checkpoints
     */
    public Checkpoint with(List<LoadOptions.ScaledLora> loras) {
        return new Phase.Load(loras.toString()).run(() -> new Checkpoint(this, loras));
    }

    /** Loads a checkpoint in fp32 on the CPU. */
    public static Checkpoint load(Path folderOrFile) {
        return load(folderOrFile, LoadOptions.DEFAULT);
    }

    /**
     * Loads a folder of diffusers or a single file.
     *
     * @throws WeightsException if it is no checkpoint, is broken, or holds what belongs to no model; or if a LoRA or an
     *     embedding does not fit it
     */
    public static Checkpoint load(Path folderOrFile, LoadOptions options) {
        return new Phase.Load(folderOrFile.toString()).run(() -> {
            CheckpointFiles files = CheckpointFiles.open(folderOrFile, options.files());
            try {
                return new Checkpoint(files, options);
            } catch (RuntimeException e) {
                files.close();
                throw e;
            }
        });
    }

    /** The scheduler that the checkpoint was published with. */
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /** How an upscaler noises the picture that it enlarges. */
    SchedulerConfig lowResScheduler() {
        return lowResScheduler;
    }

    /** The most that an upscaler was taught to be told. */
    int maxNoiseLevel() {
        return maxNoiseLevel;
    }

    public DType dtype() {
        return dtype;
    }

    public Device device() {
        return device;
    }

    /**
     * How strongly the prompt is commonly followed: what {@code latente.json} in the folder says as {@code guidance} and
     * {@code guidance_rescale}, else what is common for this kind of checkpoint.
     */
    public Guiding usualGuiding() {
        return Guiding.of(usual.path("guidance").asDouble(network.usualGuidance()))
                .withRescale(usual.path("guidance_rescale").asDouble(0));
    }

    /** The common number of steps: {@code steps} of {@code latente.json}, else what is common for this kind of checkpoint. */
    public int usualSteps() {
        return usual.path("steps").asInt(network.usualSteps());
    }

    /** What latents are shown as while they become a picture: by {@code preview} of {@code latente.json} if it is there. */
    public LatentPreview preview() {
        return LatentPreview.of(usual.path("preview"), network.latents(), codec.channels());
    }

    /** Whether prompts are read without T5, though the model was trained with it (SD3). */
    public boolean lacksT5() {
        return conditioner.context() instanceof T5Context context && context.t5() == null;
    }

    /** T5, with which Stable Diffusion 3 also reads prompts; null without. */
    public @Nullable T5Encoder t5() {
        return conditioner.context() instanceof T5Context context && context.t5() != null
                ? context.t5().built().model()
                : null;
    }

    /** Whether a U-Net denoises, and not a transformer. */
    public boolean hasUNet() {
        return network instanceof UNetNetwork;
    }

    /**
     * The U-Net.
     *
     * @throws IllegalArgumentException if the checkpoint has a transformer in its place
     */
    public UNet2DCondition unet() {
        if (network instanceof UNetNetwork it) {
            return it.unet();
        }
        throw new IllegalArgumentException(
                "unet: this checkpoint has a transformer in its place: take Stable Diffusion 1, 2 or XL");
    }

    /**
     * The transformer of Stable Diffusion 3.
     *
     * @throws IllegalArgumentException if the checkpoint has another network in its place
     */
    public MMDiT transformer() {
        if (network instanceof TransformerNetwork it) {
            return it.transformer();
        }
        throw new IllegalArgumentException(
                "transformer: this checkpoint has a %s: take Stable Diffusion 3 or 3.5".formatted(kind()));
    }

    /**
     * The transformer of Flux.1.
     *
     * @throws IllegalArgumentException if the checkpoint has another network in its place
     */
    public Flux flux() {
        if (network instanceof FluxNetwork it) {
            return it.flux();
        }
        throw new IllegalArgumentException("flux: this checkpoint has a %s: take Flux.1".formatted(kind()));
    }

    private String kind() {
        return network instanceof UNetNetwork ? "U-Net" : "transformer of another kind";
    }

    /** The size that the model was trained on. */
    public Size usualSize() {
        int side = (int) network.sampleSize() * codec.factor();
        return new Size(side, side);
    }

    public Autoencoder vae() {
        return codec.vae();
    }

    /** The text encoders, in the order in which their states are laid side by side. */
    public List<ClipTextModel> textModels() {
        return conditioner.encoders().stream().map(TextEncoder::model).toList();
    }

    Conditioner conditioner() {
        return conditioner;
    }

    LatentCodec codec() {
        return codec;
    }

    Network network() {
        return network;
    }

    /** Sides of pictures are multiples of it, in pixels. */
    int unit() {
        return codec.factor() * network.patchSize();
    }

    /** The size asked for, or that of the picture that steers, or else the one that the model was trained on. */
    Size sizeOf(Request request) {
        if (!request.controls().isEmpty()) {
            return sizeOf(request, request.controls().get(0).picture());
        }
        return request.size() == null ? usualSize() : request.size();
    }

    /** The size asked for, or the picture's, cut to what latents can have. */
    Size sizeOf(Request request, Picture picture) {
        if (request.size() != null) {
            return request.size();
        }
        int unit = unit();
        for (Control control : request.controls()) {
            unit = Math.max(unit, control.net().unit());
        }
        int[] size = VaeImages.size(picture, unit);
        if (size[0] == 0 || size[1] == 0) {
            throw new IllegalArgumentException("picture of %dx%d is too small: give a size of at least %d pixels a side"
                    .formatted(picture.width(), picture.height(), unit));
        }
        return new Size(size[0], size[1]);
    }

    /** The steps of a run that changes a picture by {@code strength}. */
    Steps cut(Steps steps, double strength) {
        return network.cut(steps, strength);
    }

    /** Where memory is short, gives back what the weights that came and went left between those that stay. */
    void trim() {
        if (!residency.isAll()) {
            Memory.trim();
        }
    }

    /** latents [B,C,h,w] -> B pictures. */
    List<Picture> pictures(Tensor latents) {
        Phase decode =
                new Phase.Decode(latents.size(0), latents.size(3) * codec.factor(), latents.size(2) * codec.factor());
        Memory.trim(); // a step leaves many small blocks, a decode takes few large ones
        return decode.run(() -> List.of(Picture.fromTensor(codec.decode(latents))));
    }

    /** Refuses a network that wants to see something beside the latents where there is nothing. */
    void requirePlainNetwork() {
        long in = network.inChannels();
        long latents = codec.channels();
        if (in == latents) {
            return;
        }
        String kind = in == latents + 3
                ? "enlarges pictures (its U-Net takes %d channels, not %d): use it with latente upscale"
                : in == 2 * latents
                        ? "edits pictures (its U-Net takes %d channels, not %d): give it one, and no mask"
                        : "is for inpainting (its network takes %d channels, not %d): give it a picture and a mask";
        throw new IllegalArgumentException("this checkpoint " + kind.formatted(in, latents));
    }

    private synchronized void share() {
        if (users == 0) {
            throw new IllegalStateException("%s: the checkpoint is closed".formatted(files));
        }
        users++;
    }

    private void release() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        models.close();
        if (base == null) {
            files.close();
        } else {
            base.release();
        }
    }

    /** Frees what no other checkpoint shares that {@link #with} made of this one. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        release();
    }
}
