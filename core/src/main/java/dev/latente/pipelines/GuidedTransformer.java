package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A transformer with classifier-free guidance and skip-layer guidance. */
final class GuidedTransformer implements GuidedNetwork {
    private final TransformerNetwork network;
    private final Request request;
    private final DType dtype;
    private final double[] noiseLevels;
    private final List<Conditioner.Halves> halves;
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample
    private int call;

    GuidedTransformer(TransformerNetwork network, Run run, List<Conditioner.Halves> halves, @Nullable Tensor extra) {
        this.network = network;
        this.halves = List.copyOf(halves);
        this.extra = extra;
        request = run.request();
        dtype = run.checkpoint().dtype();
        noiseLevels = run.trajectory().noiseLevels();
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        Tensor x = Ops.to(extra == null ? sample : Ops.cat(1, sample, extra), dtype);
        Guiding guiding = request.guiding();
        Conditioner.Halves now =
                Conditioner.Halves.at(halves, call * request.steps().count() / noiseLevels.length + 1);
        double scale = guiding.scaleAt(call, noiseLevels);
        boolean skips = guiding.skip().worksAt(call, noiseLevels.length);
        call++;
        if (scale <= 1 || now.negative() == null) {
            return forward(x, timestep, now.positive(), Set.of());
        }
        Tensor[] both =
                Ops.chunk(forward(Ops.cat(0, x, x), timestep, now.negative().then(now.positive()), Set.of()), 2, 0);
        Tensor guided = guiding.combine(both[0], both[1], scale);
        if (!skips) {
            return guided;
        }
        Tensor weaker = forward(x, timestep, now.positive(), guiding.skip().layers());
        return Ops.addScaled(guided, both[1].sub(weaker), guiding.skip().scale());
    }

    /** x [B,c,h,w] -> [B,C,h,w]. */
    private Tensor forward(Tensor x, double timestep, Conditioning text, Set<Integer> skipped) {
        Tensor t = Ops.full(timestep, DType.F32, Ops.device(x), 1);
        Tensor states = Ops.to(text.states(), dtype);
        Tensor pooled = Ops.to(Objects.requireNonNull(text.pooled()), dtype);
        return Ops.to(network.transformer().forward(x, t, states, pooled, skipped, List.of()), DType.F32);
    }

    /** Nothing is kept from one call to the next. */
    @Override
    public void close() {}
}
