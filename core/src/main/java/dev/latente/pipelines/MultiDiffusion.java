package dev.latente.pipelines;

import dev.latente.image.Masks.Region;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Several denoisers, each of a part of the canvas, averaged by weights (Bar-Tal et al. 2023, equation 5), for one run. */
final class MultiDiffusion implements GuidedNetwork {
    private final List<View> views;
    private final Tensor sum; // [1,1,h,w]

    /**
     * A part.
     *
     * @param where in latents
     * @param weight of its predictions [1,1,height,width]
     */
    record View(Region where, Tensor weight, GuidedNetwork denoiser) {}

    MultiDiffusion(List<View> views, long height, long width) {
        this.views = List.copyOf(views);
        Tensor total = Ops.zeros(DType.F32, Ops.device(views.get(0).weight), 1, 1, height, width);
        views.forEach(view -> crop(total, view.where).add_(view.weight));
        sum = total;
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        List<Tensor> parts = new ArrayList<>();
        for (View view : views) {
            parts.add(Scopes.keep(() -> view.denoiser
                    .predict(crop(sample, view.where).contiguous(), timestep)
                    .mul(view.weight)));
        }
        Tensor out = Ops.zeros(
                Ops.dtype(parts.get(0)),
                Ops.device(sample),
                sample.size(0),
                parts.get(0).size(1),
                sample.size(2),
                sample.size(3));
        for (int i = 0; i < views.size(); i++) {
            crop(out, views.get(i).where).add_(parts.get(i));
        }
        return out.div(sum);
    }

    /** x [...,h,w], the part of it. */
    static Tensor crop(Tensor x, Region where) {
        return x.narrow(-2, where.y(), where.height()).narrow(-1, where.x(), where.width());
    }

    /** Weights that fall to the edges, so that neighbours fade into each other [1,1,height,width]. */
    static Tensor tent(Region where, Device device) {
        Tensor rows = Ops.of(ramp(where.height()), 1, 1, where.height(), 1);
        Tensor columns = Ops.of(ramp(where.width()), 1, 1, 1, where.width());
        return Ops.to(rows.mul(columns), device);
    }

    private static float[] ramp(int length) {
        float[] ramp = new float[length];
        int half = (length + 1) / 2;
        for (int i = 0; i < length; i++) {
            ramp[i] = (Math.min(i, length - 1 - i) + 1f) / half;
        }
        return ramp;
    }

    @Override
    public void close() {
        views.forEach(view -> view.denoiser.close());
    }
}
