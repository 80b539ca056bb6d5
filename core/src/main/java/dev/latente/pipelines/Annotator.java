package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.models.annotators.Dpt;
import dev.latente.models.annotators.DptConfig;
import dev.latente.models.annotators.HedNet;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A loaded network that makes of a picture what control networks are shown. Thread-safe. */
public final class Annotator implements AutoCloseable {
    private final LoadedModel<UnaryOperator<Tensor>> loaded;

    private Annotator(LoadedModel<UnaryOperator<Tensor>> loaded) {
        this.loaded = loaded;
    }

    /**
     * Depth, white where it is near.
     *
     * @param folder of transformers' {@code DPTForDepthEstimation}, such as that of Intel/dpt-large
     * @throws WeightsException if it is none, or has another backbone
     */
    public static Annotator depth(Path folder, LoadOptions options) {
        return new Annotator(LoadedModel.load(
                folder,
                "depth_estimator",
                "DPTForDepthEstimation",
                options,
                (p, config) -> depth(new Dpt(p, DptConfig.of(config)))));
    }

    /**
     * Soft edges, white on black.
     *
     * @param file such as {@code ControlNetHED.pth}
     * @throws WeightsException if it is another one
     */
    public static Annotator softEdges(Path file, LoadOptions options) {
        return new Annotator(LoadedModel.load(file, options, (p, tensors) -> new HedNet(p, tensors)::forward));
    }

    private static UnaryOperator<Tensor> depth(Dpt net) {
        int side = (int) net.config().imageSize();
        return picture -> {
            // As the reference prepares its pictures: stretched in 8 bits.
            Picture square = Resize.to(Picture.fromTensor(picture)[0], side, side, Resize.Filter.BICUBIC);
            Tensor pixels = Ops.sub(Ops.mul(square.toTensor(), 2), 1);
            Tensor near = net.forward(Ops.to(pixels, Ops.dtype(picture), Ops.device(picture)))
                    .unsqueeze(0);
            Tensor large = Functional.resize(near, "bicubic", picture.size(2), picture.size(3));
            Tensor above = large.sub(large.min());
            return Ops.div(above, Math.max(1e-12, Ops.doubles(above.max())[0]));
        };
    }

    /** The picture for a control network: gray, of the same size. */
    public Picture see(Picture picture) {
        return Scopes.within(() -> {
                    Tensor x = Ops.to(picture.rgb().toTensor(), loaded.dtype(), loaded.device());
                    return List.of(Picture.fromTensor(loaded.model().apply(x)));
                })
                .get(0);
    }

    @Override
    public void close() {
        loaded.close();
    }
}
