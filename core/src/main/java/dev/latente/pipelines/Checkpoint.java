package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Steps;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.Autoencoder;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.nn.Kept;
import dev.latente.nn.Room;
import dev.latente.profile.Phase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A loaded checkpoint: text encoders, U-Net, autoencoder and scheduler. Thread-safe: one serves many threads. Close it when
 * nothing runs on it any more.
 */
public final class Checkpoint implements AutoCloseable {
    private final Arena arena = new Arena();
    private final CheckpointFiles files; // open, so that weights can be taken from them and changed
    private final Adapters adapters;
    private final @Nullable Checkpoint base; // that owns what this one shares
    private final Residency residency;
    private final List<Kept> own = new ArrayList<>(); // what this one made of weights
    private final Conditioner conditioner;
    private final Built<UNet2DCondition> unet;
    private final Map<String, Built<ClipTextModel>> texts = new LinkedHashMap<>();
    private final LatentCodec codec;
    private final SchedulerConfig scheduler;
    private final DType dtype;
    private final Device device;
    private final boolean wantsAestheticScore;
    private final SchedulerConfig lowResScheduler;
    private final int maxNoiseLevel;
    private final JsonNode usual;
    private int users = 1; // this one, until it is closed, and those that share its weights
    private boolean closed;

    private Checkpoint(CheckpointFiles files, LoadOptions options) {
        this.files = files;
        base = null;
        adapters = new Adapters(files, options.loras(), options.embeddings());
        residency = options.residency();
        Room room = residency.room();
        dtype = options.dtype();
        device = options.device();
        try {
            for (String part : List.of("unet", "vae")) {
                if (!files.has(part)) {
                    throw new WeightsException("%s: has no %s: %s"
                            .formatted(
                                    files, part, part.equals("vae") ? "give one with --vae" : "cannot draw without"));
                }
            }
            Map<String, CompletableFuture<ClipTokenizer>> tokenizers = Tokenizers.of(files, options);
            UNetConfig unetConfig = UNetConfig.of(files.config("unet"));
            unet = own(Built.of(
                    adapters.weights("unet"), dtype, device, room, arena, p -> new UNet2DCondition(p, unetConfig)));
            AutoencoderConfig vaeConfig = AutoencoderConfig.of(files.config("vae"));
            DType vaeType = vaeConfig.dtype(dtype);
            Built<Autoencoder> built = own(Built.of(
                    files.weights("vae"), vaeType, device, room, arena, p -> Autoencoder.of(p.later(), vaeConfig)));
            Autoencoder vae = built.model();
            codec = new LatentCodec(options.tiling() ? vae.tiled() : vae, vaeType, device);
            conditioner = conditioner(tokenizers, room);
            scheduler = SchedulerConfig.of(Json.members(files.schedulerConfig()));
            lowResScheduler = SchedulerConfig.of(Json.members(files.lowResSchedulerConfig()));
            maxNoiseLevel = files.modelIndex().path("max_noise_level").asInt(350);
            usual = files.usual();
            wantsAestheticScore =
                    files.modelIndex().path("requires_aesthetics_score").asBoolean(false);
        } catch (RuntimeException e) {
            close();
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
        usual = base.usual;
        wantsAestheticScore = base.wantsAestheticScore;
        lowResScheduler = base.lowResScheduler;
        maxNoiseLevel = base.maxNoiseLevel;
        base.share();
        this.base = base;
        try {
            adapters = new Adapters(files, loras, List.of());
        } catch (RuntimeException e) {
            base.release();
            throw e;
        }
        try {
            unet = with("unet", base.unet);
            base.texts.forEach((name, text) -> texts.put(name, with(name, text)));
            conditioner = base.conditioner.withModels(models());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T> Built<T> with(String name, Built<T> model) {
        Set<String> changed = adapters.changed(name);
        return changed.isEmpty() ? model : own(model.with(weights -> adapters.over(name, weights), changed, arena));
    }

    private <T> Built<T> own(Built<T> made) {
        own.add(made.kept());
        return made;
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

    private Conditioner conditioner(Map<String, CompletableFuture<ClipTokenizer>> tokenizers, Room room) {
        List<TextEncoder> encoders = new ArrayList<>();
        tokenizers.forEach((name, tokenizer) -> {
            Adapters.Words words =
                    adapters.words(name, Tokenizers.result(tokenizer), ClipTextConfig.of(files.config(name)));
            Built<ClipTextModel> text = own(
                    Built.of(words.weights(), dtype, device, room, arena, p -> new ClipTextModel(p, words.config())));
            texts.put(name, text);
            encoders.add(new TextEncoder(words.tokenizer(), text.model()));
        });
        if (encoders.isEmpty()) {
            throw new WeightsException("%s: has no text encoder: give one with --text-encoder".formatted(files));
        }
        boolean pooled = unet().config().embeddings().additionTimeSize() > 0;
        boolean zeroForNothing =
                files.modelIndex().path("force_zeros_for_empty_prompt").asBoolean(pooled);
        return new Conditioner(encoders, pooled, zeroForNothing, device);
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
        double kind = consistency() ? 8.5 : conditioner.pooled() ? 5 : 7.5;
        return Guiding.of(usual.path("guidance").asDouble(kind))
                .withRescale(usual.path("guidance_rescale").asDouble(0));
    }

    /** The common number of steps: {@code steps} of {@code latente.json}, else what is common for this kind of checkpoint. */
    public int usualSteps() {
        return usual.path("steps").asInt(consistency() ? 4 : 20);
    }

    /** What latents are shown as while they become a picture: by {@code preview} of {@code latente.json} if it is there. */
    public LatentPreview preview() {
        return LatentPreview.of(usual.path("preview"), conditioner.pooled());
    }

    private boolean consistency() {
        return unet().config().embeddings().condSize() > 0;
    }

    public UNet2DCondition unet() {
        return unet.model();
    }

    public Autoencoder vae() {
        return codec.vae();
    }

    /** The text encoders, in the order in which their states are laid side by side. */
    public List<ClipTextModel> textModels() {
        return models();
    }

    private List<ClipTextModel> models() {
        return texts.values().stream().map(Built::model).toList();
    }

    Conditioner conditioner() {
        return conditioner;
    }

    LatentCodec codec() {
        return codec;
    }

    boolean wantsAestheticScore() {
        return wantsAestheticScore;
    }

    /** The size asked for, or that of the picture that steers, or else the one that the model was trained on. */
    Size sizeOf(Request request) {
        if (!request.controls().isEmpty()) {
            return sizeOf(request, request.controls().get(0).picture());
        }
        int side = (int) unet().config().sampleSize() * codec.factor();
        return request.size() == null ? new Size(side, side) : request.size();
    }

    /** The size asked for, or the picture's, cut to what latents can have. */
    Size sizeOf(Request request, Picture picture) {
        if (request.size() != null) {
            return request.size();
        }
        int unit = codec.factor();
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
        return consistency() ? steps.withOriginalStrength(strength) : steps.withStrength(strength);
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

    /** Refuses a U-Net that wants to see something beside the latents where there is nothing. */
    void requirePlainUNet() {
        long in = unet().config().inChannels();
        long latents = codec.channels();
        if (in == latents) {
            return;
        }
        String kind = in == latents + 3
                ? "enlarges pictures (its U-Net takes %d channels, not %d): use it with latente upscale"
                : in == 2 * latents
                        ? "edits pictures (its U-Net takes %d channels, not %d): give it one, and no mask"
                        : "is for inpainting (its U-Net takes %d channels, not %d): give it a picture and a mask";
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
        own.forEach(Kept::close);
        arena.close();
        adapters.close();
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
