package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** A loaded checkpoint: text encoders, U-Net, autoencoder and scheduler. Thread-safe: one serves many threads. */
public final class Checkpoint implements AutoCloseable {
    private final Arena arena = new Arena();
    private final Conditioner conditioner;
    private final UNet2DCondition unet;
    private final LatentCodec codec;
    private final SchedulerConfig scheduler;
    private final DType dtype;
    private final Device device;
    private final boolean wantsAestheticScore;

    private Checkpoint(Path folder, DType dtype, Device device) {
        this.dtype = dtype;
        this.device = device;
        JsonNode index = Json.read(folder.resolve("model_index.json"));
        unet = new UNet2DCondition(params(folder, "unet"), UNetConfig.of(config(folder, "unet")));
        codec = new LatentCodec(
                new AutoencoderKL(params(folder, "vae"), VaeConfig.of(config(folder, "vae"))), dtype, device);
        List<TextEncoder> encoders = new ArrayList<>();
        for (String n : List.of("text_encoder", "text_encoder_2")) {
            if (Files.isDirectory(folder.resolve(n))) {
                encoders.add(new TextEncoder(
                        ClipTokenizer.load(folder.resolve(n.replace("text_encoder", "tokenizer"))),
                        new ClipTextModel(params(folder, n), ClipTextConfig.of(config(folder, n)))));
            }
        }
        boolean pooled = unet.config().embeddings().additionTimeSize() > 0;
        conditioner = new Conditioner(
                encoders, pooled, index.path("force_zeros_for_empty_prompt").asBoolean(pooled), device);
        scheduler = SchedulerConfig.of(Json.members(Json.read(folder.resolve("scheduler/scheduler_config.json"))));
        wantsAestheticScore = index.path("requires_aesthetics_score").asBoolean(false);
    }

    private static JsonNode config(Path folder, String name) {
        return Json.read(folder.resolve(name).resolve("config.json"));
    }

    private Params params(Path folder, String name) {
        Path f = folder.resolve(name).resolve("model.safetensors");
        if (!Files.exists(f)) {
            f = folder.resolve(name).resolve("diffusion_pytorch_model.safetensors");
        }
        WeightSource s = Safetensors.open(f);
        if (s.keys().stream().noneMatch(k -> k.startsWith("text_model.")) && name.startsWith("text")) {
            s = WeightSources.renamed(s, k -> k.replaceFirst("^text_model\\.", ""));
        }
        return Params.of(WeightSources.cast(s, dtype, device), arena);
    }

    public static Checkpoint load(Path folder) {
        return new Checkpoint(folder, DType.F32, Device.CPU);
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

    UNet2DCondition unet() {
        return unet;
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

    /** The size asked for, or the one that the model was trained on. */
    Size sizeOf(Request request) {
        int side = (int) unet.config().sampleSize() * codec.factor();
        return request.size() == null ? new Size(side, side) : request.size();
    }

    /** The size asked for, or the picture's, cut to what latents can have. */
    Size sizeOf(Request request, Picture picture) {
        int[] size = VaeImages.size(picture, codec.factor());
        return request.size() == null ? new Size(size[0], size[1]) : request.size();
    }

    /** latents [B,C,h,w] -> B pictures. */
    List<Picture> pictures(Tensor latents) {
        return List.of(Picture.fromTensor(codec.decode(latents)));
    }

    /** Refuses a U-Net that wants a mask where there is none. */
    void requirePlainUNet() {
        long in = unet.config().inChannels();
        if (in != codec.channels()) {
            throw new IllegalArgumentException(
                    "this checkpoint is for inpainting (its U-Net takes %d channels, not %d): give it a picture and a mask"
                            .formatted(in, codec.channels()));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
