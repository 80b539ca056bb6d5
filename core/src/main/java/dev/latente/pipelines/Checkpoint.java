package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Steps;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.Autoencoder;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Room;
import dev.latente.profile.Phase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.WeightLayout;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.T5Tokenizer;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A loaded checkpoint: text encoders, U-Net or transformer, autoencoder and scheduler. Thread-safe: one serves many threads. Close it when
 * nothing runs on it any more.
 */
public final class Checkpoint implements AutoCloseable {
    private final Arena arena = new Arena();
    private final CheckpointFiles files; // open as long as weights are taken from them
    private final Adapters adapters;
    private final Residency residency;
    private final Room room;
    private final Conditioner conditioner;
    private final Network network;
    private final LatentCodec codec;
    private final SchedulerConfig scheduler;
    private final DType dtype;
    private final Device device;
    private final JsonNode usual;

    private Checkpoint(CheckpointFiles files, LoadOptions options) {
        this.files = files;
        adapters = new Adapters(files, options);
        residency = options.residency();
        room = residency.room();
        dtype = options.dtype();
        device = options.device();
        try {
            for (String part : List.of(files.family().denoiser(), "vae")) {
                if (!files.has(part)) {
                    throw new WeightsException("%s: has no %s: %s"
                            .formatted(
                                    files, part, part.equals("vae") ? "give one with --vae" : "cannot draw without"));
                }
            }
            Map<String, CompletableFuture<ClipTokenizer>> tokenizers = tokenizers(files, options);
            network = builtNetwork();
            AutoencoderConfig vaeConfig = AutoencoderConfig.of(files.config("vae"));
            DType vaeType = vaeConfig.dtype(dtype);
            Autoencoder vae = build(files.weights("vae"), vaeType, p -> Autoencoder.of(p.later(), vaeConfig));
            codec = new LatentCodec(options.tiling() ? vae.tiled() : vae, vaeType, device);
            conditioner = conditioner(tokenizers, options);
            scheduler = SchedulerConfig.of(Json.members(files.schedulerConfig()));
            usual = files.usual();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
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

    private <T> T build(WeightSource weights, DType type, Function<Params, T> model) {
        Params params = Params.of(WeightSources.cast(weights, type, device), arena, WeightLayout.PREPARED, room);
        T built = model.apply(params);
        params.requireAllUsed();
        Memory.trim(); // weights as they were stored
        return built;
    }

    private Network builtNetwork() {
        if (files.has("transformer")) {
            MMDiTConfig config = MMDiTConfig.of(files.config("transformer"));
            return new TransformerNetwork(build(adapters.weights("transformer"), dtype, p -> new MMDiT(p, config)));
        }
        UNetConfig config = UNetConfig.of(files.config("unet"));
        UNet2DCondition unet = build(adapters.weights("unet"), dtype, p -> new UNet2DCondition(p, config));
        return new UNetNetwork(
                unet, files.modelIndex().path("requires_aesthetics_score").asBoolean(false));
    }

    /** By the text encoders that they belong to; read by another thread while this one lays out weights, which takes longer. */
    private static Map<String, CompletableFuture<ClipTokenizer>> tokenizers(
            CheckpointFiles files, LoadOptions options) {
        Map<String, CompletableFuture<ClipTokenizer>> tokenizers = new LinkedHashMap<>();
        for (String encoder : List.of("text_encoder", "text_encoder_2")) {
            if (files.has(encoder)) {
                String name = encoder.replace("text_encoder", "tokenizer");
                tokenizers.put(
                        encoder, CompletableFuture.supplyAsync(() -> tokenizer(files, name, options.tokenizer())));
            }
        }
        return tokenizers;
    }

    private Conditioner conditioner(Map<String, CompletableFuture<ClipTokenizer>> tokenizers, LoadOptions options) {
        List<TextEncoder> encoders = new ArrayList<>();
        tokenizers.forEach((name, tokenizer) -> {
            Adapters.Words words = adapters.words(name, result(tokenizer), ClipTextConfig.of(files.config(name)));
            encoders.add(new TextEncoder(
                    words.tokenizer(), build(words.weights(), dtype, p -> new ClipTextModel(p, words.config()))));
        });
        if (encoders.isEmpty()) {
            throw new WeightsException("%s: has no text encoder: give one with --text-encoder".formatted(files));
        }
        if (network instanceof TransformerNetwork sd3) {
            return new Conditioner(encoders, t5Context(sd3, encoders.size(), options), false, device);
        }
        boolean pooled = network instanceof UNetNetwork unet && unet.pooled();
        boolean zeroForNothing =
                files.modelIndex().path("force_zeros_for_empty_prompt").asBoolean(pooled);
        return new Conditioner(encoders, new ClipContext(pooled), zeroForNothing, device);
    }

    private T5Context t5Context(TransformerNetwork sd3, int encoders, LoadOptions options) {
        if (encoders < 2) {
            throw new WeightsException(
                    "%s: has [%d] CLIP text encoder, wanted two: give them with --text-encoder and --text-encoder-2"
                            .formatted(files, encoders));
        }
        long size = sd3.transformer().config().textSize();
        if (!files.has("text_encoder_3")) {
            return new T5Context(null, size, device);
        }
        T5Config config = T5Files.config(files, size);
        T5Tokenizer tokenizer = T5Tokenizer.load(T5Files.tokenizer(files, options));
        DType type = T5Files.dtype(dtype);
        T5Encoder model = build(files.weights("text_encoder_3"), type, p -> new T5Encoder(p, config));
        return new T5Context(new T5Context.Reader(tokenizer, model), size, device);
    }

    /** Waits; what went wrong is thrown as if it had been here. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * The tokenizer of a checkpoint's text encoder.
     *
     * @param name tokenizer or tokenizer_2
     * @param given a folder for a single file, which has none; or null
     * @throws WeightsException if there is none
     */
    public static ClipTokenizer tokenizer(CheckpointFiles files, String name, @Nullable Path given) {
        Path own = files.tokenizer(name);
        if (own != null) {
            return ClipTokenizer.load(own);
        }
        if (given == null) {
            throw new WeightsException(("%s: a single file has no tokenizer: give CLIP's with --tokenizer FOLDER"
                            + " (vocab.json and merges.txt), or --tokenizer openai/clip-vit-large-patch14")
                    .formatted(files));
        }
        if (Files.isDirectory(given.resolve(name))) {
            return ClipTokenizer.load(given.resolve(name));
        }
        Path shared = Files.isDirectory(given.resolve("tokenizer")) ? given.resolve("tokenizer") : given;
        // OpenCLIP's encoders were trained with CLIP's vocabulary, but with its first token as padding.
        JsonNode encoder = files.config(name.replace("tokenizer", "text_encoder"));
        return encoder.path("hidden_act").asString("").equals("gelu")
                ? ClipTokenizer.load(shared).withPad("!")
                : ClipTokenizer.load(shared);
    }

    /** The scheduler that the checkpoint was published with. */
    public SchedulerConfig scheduler() {
        return scheduler;
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
        return LatentPreview.of(
                usual.path("preview"), codec.channels(), conditioner.context().beforeLast());
    }

    /** Whether prompts are read without T5, though the model was trained with it (SD3). */
    public boolean lacksT5() {
        return conditioner.context() instanceof T5Context context && context.t5() == null;
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
                "unet: this checkpoint is Stable Diffusion 3 and has a transformer: take Stable Diffusion 1, 2 or XL");
    }

    /**
     * The transformer of Stable Diffusion 3.
     *
     * @throws IllegalArgumentException if the checkpoint has a U-Net in its place
     */
    public MMDiT transformer() {
        if (network instanceof TransformerNetwork it) {
            return it.transformer();
        }
        throw new IllegalArgumentException("transformer: this checkpoint has a U-Net: take Stable Diffusion 3 or 3.5");
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
        int side = (int) network.sampleSize() * codec.factor();
        return request.size() == null ? new Size(side, side) : request.size();
    }

    /** The size asked for, or the picture's, cut to what latents can have. */
    Size sizeOf(Request request, Picture picture) {
        if (request.size() != null) {
            return request.size();
        }
        int[] size = VaeImages.size(picture, unit());
        if (size[0] == 0 || size[1] == 0) {
            throw new IllegalArgumentException("picture of %dx%d is too small: give a size of at least %d pixels a side"
                    .formatted(picture.width(), picture.height(), unit()));
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

    /** Refuses a network that wants a mask where there is none. */
    void requirePlainNetwork() {
        long in = network.inChannels();
        if (in != codec.channels()) {
            throw new IllegalArgumentException(
                    "this checkpoint is for inpainting (its network takes %d channels, not %d): give it a picture and a mask"
                            .formatted(in, codec.channels()));
        }
    }

    @Override
    public void close() {
        room.close();
        arena.close();
        adapters.close();
        files.close();
    }
}
