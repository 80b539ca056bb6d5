package dev.latente.weights.lora;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One of the matrices that LoRA's relatives multiply: stored whole, as a product of two, or of a kernel between two
 * (Hyeon-Woo et al. 2022, "FedPara", proposition 2; a Tucker decomposition of a convolution).
 *
 * @param up [out,rank], before a core [rank,out]; of a matrix that is stored whole the matrix, [out,in] or [out,in,kh,kw]
 * @param down [rank,in], or [rank,in·kh·kw] in any shape; null if {@code up} is the whole matrix
 * @param core [rank,rank,kh,kw], whose first dimension goes with {@code up}; or null
 */
record Factor(Tensor up, @Nullable Tensor down, @Nullable Tensor core) {
    Factor {
        boolean fits =
                down == null ? core == null && up.dim() >= 2 : down.dim() >= 2 && up.dim() >= 2 && fits(up, down, core);
        if (!fits) {
            throw new IllegalArgumentException("has factors of the shapes %s, %s and %s, which do not fit together"
                    .formatted(text(up), text(down), text(core)));
        }
    }

    /** A Tucker convolution as LyCORIS' LoCon stores it: the outputs come first. */
    static Factor tucker(Tensor up, Tensor down, Tensor core) {
        return new Factor(up.reshape(up.size(0), -1).t(), down, core);
    }

    private static boolean fits(Tensor up, Tensor down, @Nullable Tensor core) {
        return core == null
                ? up.numel() == up.size(0) * up.size(1) && up.size(1) == down.size(0)
                : core.dim() >= 2
                        && up.dim() == 2
                        && core.size(0) == up.size(0)
                        && core.size(1) == down.size(0)
                        && down.numel() == down.size(0) * down.size(1);
    }

    private static String text(@Nullable Tensor x) {
        return x == null ? "-" : Arrays.toString(Ops.shape(x));
    }

    boolean isWhole() {
        return down == null;
    }

    /** The rank; of a whole matrix nothing that is less than it. */
    long rank() {
        return down == null ? Math.min(out(), in()) : down.size(0);
    }

    long out() {
        return up.size(core == null ? 0 : 1);
    }

    long in() {
        if (down == null) {
            return up.numel() / up.size(0);
        }
        long columns = down.numel() / down.size(0);
        return core == null ? columns : columns * kernel(core);
    }

    private static long kernel(Tensor core) {
        return core.numel() / (core.size(0) * core.size(1));
    }

    /** [out,in] in fp32. */
    Tensor matrix(Device device) {
        Tensor first = Ops.to(up, DType.F32, device);
        if (down == null) {
            return first.reshape(out(), in());
        }
        Tensor last = Ops.to(down, DType.F32, device).reshape(down.size(0), -1);
        if (core == null) {
            return first.reshape(out(), -1).mm(last);
        }
        long kernel = kernel(core);
        Tensor outputs = first.t().mm(Ops.to(core, DType.F32, device).reshape(core.size(0), -1));
        Tensor places =
                outputs.view(out(), core.size(1), kernel).permute(0, 2, 1).reshape(-1, core.size(1));
        return places.mm(last).view(out(), kernel, -1).permute(0, 2, 1).reshape(out(), in());
    }
}
