package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A U-Net that sees a picture beside the latents and is guided by the text and by the picture (Brooks et al. 2023,
 * equation 3), for one run.
 */
final class InstructedUNet implements Denoiser {
    private final Checkpoint checkpoint;
    private final double textScale;
    private final double imageScale;
    private final Tensor beside; // [B,c,h,w]
    private final List<Part> parts;
    private final int steps;
    private final int calls;
    private int call;

    /**
     * What the U-Net is told in a part of the run.
     *
     * @param until the last step that it is for, counted from 1
     * @param text [B], or of a guided call the prompts, then the negative ones twice [3B]
     */
    record Part(int until, UNetConditioning text) {}

    /** How strongly the text and the picture are followed. */
    record Scales(double text, double image) {
        boolean guide() {
            return text > 1 && image >= 1;
        }
    }

    InstructedUNet(Checkpoint checkpoint, Scales scales, Tensor beside, List<Part> parts, int steps, int calls) {
        this.checkpoint = checkpoint;
        textScale = scales.text;
        imageScale = scales.image;
        this.beside = beside;
        this.parts = List.copyOf(parts);
        this.steps = steps;
        this.calls = calls;
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        int step = call++ * steps / calls + 1;
        UNetConditioning text =
                parts.stream().filter(p -> step <= p.until).findFirst().orElse(parts.get(parts.size() - 1)).text;
        Tensor t = Ops.full(timestep, DType.F32, Ops.device(sample), 1);
        boolean guided = text.encoderHiddenStates().size(0) > sample.size(0);
        Tensor seen = Ops.cat(1, sample, beside);
        Tensor x = guided ? Ops.cat(0, seen, seen, Ops.cat(1, sample, Ops.mul(beside, 0))) : seen;
        Tensor output = checkpoint.unet().forward(Ops.to(x, checkpoint.dtype()), t, text);
        Tensor all = Ops.to(output, DType.F32);
        if (!guided) {
            return all;
        }
        Tensor[] thirds = Ops.chunk(all, 3, 0); // text and picture, picture, neither
        Tensor byText = Ops.mul(thirds[0].sub(thirds[1]), textScale);
        return thirds[2].add(byText).add(Ops.mul(thirds[1].sub(thirds[2]), imageScale));
    }
}
