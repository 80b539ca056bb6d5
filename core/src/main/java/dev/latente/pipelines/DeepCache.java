package dev.latente.pipelines;

import dev.latente.models.unet.Features;
import dev.latente.models.unet.Shallow;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The U-Net's deep features of the last whole call of one run, for those calls that {@link FeatureReuse} lets take them. */
final class DeepCache implements AutoCloseable {
    private final FeatureReuse reuse;
    private final int calls;
    private @Nullable Kept kept;

    /**
     * What a whole call left.
     *
     * @param first residual of the first layer, or null at a branch above it
     * @param residuals that ControlNets added, or null
     */
    private record Kept(
            Arena arena,
            UNetConditioning conditioning,
            List<SeenControl> controls,
            Tensor deep,
            @Nullable Tensor first,
            @Nullable Features residuals) {
        /** Features do not fit other prompts, another batch, other ControlNets. */
        boolean fits(Input input) {
            return conditioning.equals(input.conditioning) && controls.equals(input.controls);
        }
    }

    /**
     * What the U-Net is given in a call.
     *
     * @param conditioning the same object in all calls in which it is the same
     * @param controls that work in this call
     */
    record Input(Tensor sample, Tensor timesteps, UNetConditioning conditioning, List<SeenControl> controls) {}

    DeepCache(FeatureReuse reuse, int calls) {
        this.reuse = reuse;
        this.calls = calls;
    }

    /**
     * One call.
     *
     * @param residuals makes what ControlNets add, or null; used in whole calls
     */
    Tensor forward(UNet2DCondition unet, int call, Input input, Supplier<@Nullable Features> residuals) {
        Shallow shallow = unet.begin(input.sample, input.timesteps, input.conditioning, reuse.branch());
        Kept last = kept;
        if (last != null && last.fits(input) && !reuse.whole(call, calls, () -> change(last, shallow))) {
            return unet.finish(shallow, last.deep, last.residuals);
        }
        close();
        Features added = residuals.get();
        Tensor deep = unet.deep(shallow, added);
        kept = keep(input, shallow, deep, added);
        return unet.finish(shallow, deep, added);
    }

    private Kept keep(Input input, Shallow shallow, Tensor deep, @Nullable Features residuals) {
        Arena arena = new Arena();
        return new Kept(
                arena,
                input.conditioning,
                input.controls,
                arena.own(() -> deep),
                reuse.branch() == 0 ? null : arena.own(shallow::firstResidual),
                residuals == null ? null : residuals.map(x -> arena.own(() -> x)));
    }

    /** Mean absolute difference of the first residuals, relative to the kept one; of the picture with the largest. */
    private static double change(Kept last, Shallow shallow) {
        Tensor before = Objects.requireNonNull(last.first);
        Tensor difference = shallow.firstResidual().sub(before).abs().mean(1, 2, 3);
        return Ops.doubles(difference.div(before.abs().mean(1, 2, 3)).max())[0];
    }

    @Override
    public void close() {
        if (kept != null) {
            kept.arena.close();
            kept = null;
        }
    }
}
