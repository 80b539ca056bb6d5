package dev.latente.pipelines;

import dev.latente.image.VaeImages;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * A ControlNet in one run, which has seen its picture.
 *
 * @param hint what it saw [1,C,h,w]
 */
record SeenControl(Control control, Tensor hint) {
    /** Shows the picture to the net, at the size of the run. */
    static SeenControl of(Control control, Size size, Checkpoint checkpoint) {
        ControlNetCheckpoint net = control.net();
        if (net.dtype() != checkpoint.dtype() || !net.device().equals(checkpoint.device())) {
            throw new IllegalArgumentException(
                    "controlnet %s: got [%s] on [%s], wanted [%s] on [%s] as the checkpoint: load both with the same options"
                            .formatted(net, net.dtype(), net.device(), checkpoint.dtype(), checkpoint.device()));
        }
        Tensor picture = VaeImages.fit(control.picture().rgb(), size.width(), size.height(), VaeImages.Fit.STRETCH)
                .toTensor();
        return new SeenControl(control, net.net().hint(Ops.to(picture, net.dtype(), net.device())));
    }

    /** Whether a call lies wholly inside its interval. */
    boolean worksAt(int call, int calls) {
        return (double) call / calls >= control.from() && (double) (call + 1) / calls <= control.to();
    }

    boolean guesses() {
        return control.guess() || net().config().globalPool();
    }

    /** What to add to the U-Net's features for x [B,c,h,w]. */
    Features residuals(Tensor x, Tensor timestep, UNetConditioning conditioning) {
        Features raw = net().forward(x, timestep, conditioning, hint);
        boolean rising = control.guess() && !net().config().globalPool();
        return rising ? raw.timesRising(control.scale()) : raw.times(control.scale());
    }

    private ControlNet net() {
        return control.net().net();
    }
}
