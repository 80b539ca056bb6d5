package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A transformer with classifier-free guidance and skip-layer guidance, or one that is told the scale. */
final class GuidedTransformer implements GuidedNetwork {
    /** What a transformer predicts. */
    @FunctionalInterface
    interface Velocity {
        /**
         * The velocity of a sample.
         *
         * @param x [B,c,h,w], in the dtype of the weights, as is the text
         * @param timestep [1], 1000 for noise
         * @param scale of guidance, for a network that is told it
         * @param skipped layers to leave out
         * @return [B,C,h,w]
         */
        Tensor of(Tensor x, Tensor timestep, Conditioning text, double scale, Set<Integer> skipped);
    }

    private final Velocity network;
    private final Request request;
    private final DType dtype;
    private final double[] noiseLevels;
    private final List<Conditioner.Halves> halves;
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample
    private int call;

    GuidedTransformer(Velocity network, Run run, List<Conditioner.Halves> halves, @Nullable Tensor extra) {
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
            return forward(x, timestep, now.positive(), scale, Set.of());
        }
        Conditioning text = now.negative().then(now.positive());
        Tensor[] both = Ops.chunk(forward(Ops.cat(0, x, x), timestep, text, scale, Set.of()), 2, 0);
        Tensor guided = guiding.combine(both[0], both[1], scale);
        if (!skips) {
            return guided;
        }
        Tensor weaker =
                forward(x, timestep, now.positive(), scale, guiding.skip().layers());
        return Ops.addScaled(guided, both[1].sub(weaker), guiding.skip().scale());
    }

    /** x [B,c,h,w] -> [B,C,h,w]. */
    private Tensor forward(Tensor x, double timestep, Conditioning text, double scale, Set<Integer> skipped) {
        Tensor t = Ops.full(timestep, DType.F32, Ops.device(x), 1);
        Tensor pooled = Ops.to(Objects.requireNonNull(text.pooled()), dtype);
        Conditioning cast = new Conditioning(Ops.to(text.states(), dtype), pooled);
        return Ops.to(network.of(x, t, cast, scale, skipped), DType.F32);
    }

    /**
     * Refuses what is for a U-Net.
     *
     * @param model what the checkpoint is
     * @throws IllegalArgumentException if the request asks for it
     */
    static void refuseUNetParts(Request request, String model) {
        if (!request.controls().isEmpty()) {
            throw new IllegalArgumentException("%s: steers a U-Net, and this checkpoint is %s: draw without it"
                    .formatted(request.controls().get(0).net(), model));
        }
        if (!request.pictures().isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: shows pictures to a U-Net, and this checkpoint is %s: draw without it"
                            .formatted(request.pictures().get(0).adapter(), model));
        }
        if (!request.shortcuts().equals(Shortcuts.NONE)) {
            throw new IllegalArgumentException(
                    "shortcuts: reused features and merged tokens are those of a U-Net, and this checkpoint is %s: draw without them"
                            .formatted(model));
        }
    }

    /** Nothing is kept from one call to the next. */
    @Override
    public void close() {}
}
