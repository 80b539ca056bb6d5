package dev.latente.pipelines;

import dev.latente.image.ClipImages;
import dev.latente.image.Picture;
import dev.latente.models.adapters.IpAdapter;
import dev.latente.models.adapters.IpAdapterConfig;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.clip.ClipVisionModel;
import dev.latente.models.clip.ClipVisionOutput;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A loaded IP-Adapter (Ye et al. 2023) and the CLIP vision encoder that it was trained with. Thread-safe. Close it when no run
 * uses it any more.
 */
public final class IpAdapterCheckpoint implements AutoCloseable {
    private final LoadedModel<IpAdapter> loaded;
    private final @Nullable LoadedModel<ClipVisionModel> encoder;
    private final @Nullable ClipImages images;

    private IpAdapterCheckpoint(Path file, @Nullable Path encoderFolder, LoadOptions options) {
        loaded = LoadedModel.load(file, options, (p, f) -> new IpAdapter(p, IpAdapterConfig.of(f)));
        try {
            encoder = encoderFolder == null
                    ? null
                    : LoadedModel.load(
                            encoderFolder,
                            "image_encoder",
                            "CLIPVisionModelWithProjection",
                            options,
                            (p, config) -> new ClipVisionModel(p, ClipVisionConfig.of(config)));
            images = encoder == null ? null : images(Objects.requireNonNull(encoderFolder), encoder.model());
            checkEncoder();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Loads a file of the published layout, safetensors or pickled.
     *
     * @param encoder folder of transformers' CLIPVisionModelWithProjection; or null, which leaves only embeddings to show
     * @param options those of the checkpoint that it shall steer
     * @throws WeightsException if it is no IP-Adapter, or broken, or if the encoder is another than it was trained with
     */
    public static IpAdapterCheckpoint load(Path file, @Nullable Path encoder, LoadOptions options) {
        return new IpAdapterCheckpoint(file, encoder, options);
    }

    private static ClipImages images(Path folder, ClipVisionModel model) {
        Path config = folder.resolve("preprocessor_config.json");
        return Files.isRegularFile(config)
                ? ClipImages.of(Json.read(config))
                : ClipImages.of((int) model.config().imageSize());
    }

    private void checkEncoder() {
        if (encoder == null) {
            return;
        }
        ClipVisionConfig config = encoder.model().config();
        boolean states = adapter().config().projection().wantsStates();
        long gives = states ? config.size() : config.projection();
        long wants = adapter().config().projection().in();
        if (gives != wants) {
            throw new WeightsException(
                    "image encoder %s: gives %s of [%d] numbers, %s wants [%d]: take the encoder that it was trained with"
                            .formatted(encoder, states ? "states" : "an embedding", gives, this, wants));
        }
    }

    public IpAdapter adapter() {
        return loaded.model();
    }

    public DType dtype() {
        return loaded.dtype();
    }

    public Device device() {
        return loaded.device();
    }

    /**
     * What the encoder says of pictures: as {@link IpAdapter#tokens} wants it for one row of a batch, in the caller's scope.
     *
     * @throws IllegalArgumentException if there is no encoder
     */
    public Tensor embeddings(List<Picture> pictures) {
        ClipImages images = this.images;
        if (images == null) {
            throw new IllegalArgumentException(
                    "%s: has no image encoder to look at pictures: give its folder with --image-encoder"
                            .formatted(this));
        }
        return Scopes.keep(
                () -> encode(Ops.cat(0, pictures.stream().map(images::image).toArray(Tensor[]::new))));
    }

    /** What stands for no picture, beside such embeddings: zeros, or what the encoder says of gray ones. */
    Tensor nothing(Tensor embeddings) {
        if (encoder == null || !adapter().config().projection().wantsStates()) {
            return Ops.mul(embeddings, 0);
        }
        long side = encoder.model().config().imageSize();
        long channels = encoder.model().config().channels();
        Tensor gray = Ops.zeros(DType.F32, Device.CPU, embeddings.size(1), channels, side, side);
        return Scopes.keep(() -> encode(gray));
    }

    /** pixels [n,3,H,W] -> [1,n,...]. */
    private Tensor encode(Tensor pixels) {
        ClipVisionOutput output = Objects.requireNonNull(encoder).model().forward(pixels);
        boolean states = adapter().config().projection().wantsStates();
        return (states ? output.penultimate() : Objects.requireNonNull(output.imageEmbeds())).unsqueeze(0);
    }

    @Override
    public void close() {
        loaded.close();
        if (encoder != null) {
            encoder.close();
        }
    }

    @Override
    public String toString() {
        return "IP-Adapter " + loaded;
    }
}
