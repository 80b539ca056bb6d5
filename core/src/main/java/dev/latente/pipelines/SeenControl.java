package dev.latente.pipelines;

import dev.latente.image.Masks.Region;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.adapters.T2IAdapter;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** A network in one run that has seen its picture. */
sealed interface SeenControl {
    Control control();

    /**
     * The same for a part of the canvas.
     *
     * @param width of the canvas, in latents
     */
    SeenControl in(Region where, int width);

    /** Whether a call lies wholly inside its interval. */
    default boolean worksAt(int call, int calls) {
        return (double) call / calls >= control().from()
                && (double) (call + 1) / calls <= control().to();
    }

    /** Shows the picture to the network, at the size of the run. */
    static SeenControl of(Control control, Size size, Checkpoint checkpoint) {
        ControlModel model = control.net();
        if (model.dtype() != checkpoint.dtype() || !model.device().equals(checkpoint.device())) {
            throw new IllegalArgumentException(
                    "%s: got [%s] on [%s], wanted [%s] on [%s] as the checkpoint: load both with the same options"
                            .formatted(model, model.dtype(), model.device(), checkpoint.dtype(), checkpoint.device()));
        }
        if (model instanceof ControlNetCheckpoint net) {
            Tensor picture = picture(control, control.picture().rgb(), size);
            return new ByNet(control, net.net(), net.net().hint(Ops.to(picture, net.dtype(), net.device())));
        }
        T2IAdapter adapter = ((T2IAdapterCheckpoint) model).adapter();
        Picture shown = adapter.config().inChannels() == 1
                ? control.picture().gray()
                : control.picture().rgb();
        Tensor picture = Ops.to(picture(control, shown, size), model.dtype(), model.device());
        List<Tensor> features = adapter.forward(picture).stream()
                .map(x -> Ops.mul(x, control.scale()))
                .toList();
        return new ByAdapter(control, features);
    }

    /** fp32 [1,C,H,W] in [0,1], and -1 where it is hidden. */
    private static Tensor picture(Control control, Picture shown, Size size) {
        Tensor x = VaeImages.fit(shown, size.width(), size.height(), VaeImages.Fit.STRETCH)
                .toTensor();
        if (control.hidden() == null) {
            return x;
        }
        Tensor mask = VaeImages.mask(control.hidden(), size.width(), size.height(), VaeImages.Fit.STRETCH);
        return x.sub(x.mul(mask)).sub(mask);
    }

    /**
     * A ControlNet.
     *
     * @param hint what it saw [1,C,h,w]
     */
    record ByNet(Control control, ControlNet net, Tensor hint) implements SeenControl {
        @Override
        public ByNet in(Region where, int width) {
            return new ByNet(control, net, MultiDiffusion.crop(hint, where));
        }

        boolean guesses() {
            return control.guess() || net.config().globalPool();
        }

        /** What to add to the U-Net's features for x [B,c,h,w]. */
        Features residuals(Tensor x, Tensor timestep, UNetConditioning conditioning) {
            return Features.keep(() -> {
                Features raw = net.forward(x, timestep, conditioning, hint);
                boolean rising = control.guess() && !net.config().globalPool();
                return rising ? raw.timesRising(control.scale()) : raw.times(control.scale());
            });
        }
    }

    /**
     * A T2I-Adapter.
     *
     * @param features times the scale [1,C,h,w] each
     */
    record ByAdapter(Control control, List<Tensor> features) implements SeenControl {
        /** Features of each level are coarser than those of the one before. */
        @Override
        public ByAdapter in(Region where, int width) {
            return new ByAdapter(
                    control,
                    features.stream()
                            .map(x -> MultiDiffusion.crop(x, where.dividedBy(Math.round((float) width / x.size(3)))))
                            .toList());
        }

        /** The sums of what the adapters among these add; empty for none. */
        static List<Tensor> sum(List<SeenControl> controls) {
            List<Tensor> sum = List.of();
            for (SeenControl each : controls) {
                if (each instanceof ByAdapter adapter) {
                    sum = sum.isEmpty() ? adapter.features : plus(sum, adapter.features);
                }
            }
            return sum;
        }

        private static List<Tensor> plus(List<Tensor> a, List<Tensor> b) {
            if (a.size() != b.size()) {
                throw new IllegalArgumentException(
                        "T2I-Adapters: got %d and %d features, wanted equally many: they are made for different U-Nets"
                                .formatted(a.size(), b.size()));
            }
            return IntStream.range(0, a.size())
                    .mapToObj(i -> a.get(i).add(b.get(i)))
                    .toList();
        }
    }
}
