package dev.latente.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Reverse-mode differentiation by libtorch. Operations record themselves where an input requires a gradient. */
public final class Autograd {
    private Autograd() {}

    /** A tensor over the memory of {@code values} that requires a gradient; backward adds it to {@code gradient}. */
    public static Tensor leaf(Tensor values, Tensor gradient) {
        Tensor leaf = values.detach().set_requires_grad(true);
        leaf.mutable_grad().put(gradient);
        return leaf;
    }

    /** Adds the gradient of a scalar to that of every leaf it depends on. */
    public static void backward(Tensor loss) {
        TensorException.call(
                "backward",
                () -> {
                    Recompute.backward(loss);
                    return loss;
                },
                loss);
    }

    /** Continues a gradient that is known behind y, instead of 1 for a scalar. */
    public static void backward(Tensor y, Tensor gradient) {
        backward(y, gradient, false);
    }

    /** @param gradient null for 1, behind a scalar */
    static void backward(Tensor y, @Nullable Tensor gradient, boolean again) {
        try (BoolOptional retain = new BoolOptional(again);
                TensorVector none = new TensorVector();
                TensorOptional known = Ops.optional(gradient)) {
            y.__dispatch__backward(none, known, retain, false);
        }
    }

    /** The gradients of a scalar with respect to {@code inputs}, which may be differentiated again. */
    public static List<Tensor> gradients(Tensor scalar, List<Tensor> inputs) {
        try (TensorVector y = new TensorVector(scalar);
                TensorVector x = new TensorVector(inputs.toArray(new Tensor[0]));
                TensorVector ones = new TensorVector();
                BoolOptional retain = new BoolOptional(true)) {
            TensorVector found = torch.grad(y, x, ones, retain, true, false);
            List<Tensor> gradients = new ArrayList<>();
            for (Tensor each : found.get()) {
                // A view of its own: the elements of a vector die with it.
                gradients.add(each.view_as(each));
            }
            return gradients;
        }
    }

    /** Runs {@code body} without recording anything. */
    public static <T> T without(Supplier<T> body) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return body.get();
        }
    }
}
