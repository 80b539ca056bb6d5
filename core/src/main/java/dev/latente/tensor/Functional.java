package dev.latente.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The functions that layers are made of, over weights that the caller owns. Every result belongs to the innermost open scope
 * of the thread.
 */
public final class Functional {
    /** Pixels from which on libtorch normalises groups by other kernels. */
    private static final long LARGE = 2048;

    private Functional() {}

    /** x [...,in], weight [out,in], bias [out] -> [...,out]. */
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (x.is_cpu() && Ops.dtype(x) == DType.F32) {
            return TensorException.profiled("linear", () -> pointwise(x, weight, bias), x, weight);
        }
        try (TensorOptional b = Ops.optional(bias)) {
            return TensorException.call("linear", () -> torch.linear(x, weight, b), x, weight);
        }
    }

    /**
     * The same as a 1x1 convolution: its kernels run on libtorch's threads, while OpenBLAS has threads of its own, which
     * fight with them for the cores and are slow for few rows.
     */
    private static Tensor pointwise(Tensor x, Tensor weight, @Nullable Tensor bias) {
        long in = weight.size(1);
        long out = weight.size(0);
        long[] shape = Ops.shape(x);
        if (shape[shape.length - 1] != in || x.numel() == 0) {
            throw new IllegalArgumentException(
                    "linear: got x of shape %s, wanted [..., %d]".formatted(Arrays.toString(shape), in));
        }
        shape[shape.length - 1] = out;
        Tensor rows = x.reshape(1, x.numel() / in, 1, in).permute(0, 3, 1, 2); // [1,in,rows,1], channels last
        Tensor y = conv2d(rows, weight.view(out, in, 1, 1), bias, 1, 0);
        return y.permute(0, 2, 3, 1).reshape(shape);
    }

    /** x [B,in,H,W], weight [out,in/groups,kh,kw] -> [B,out,H',W']. */
    public static Tensor conv2d(Tensor x, Tensor weight, @Nullable Tensor bias, long stride, long padding) {
        try (TensorOptional b = Ops.optional(bias)) {
            return TensorException.call(
                    "conv2d",
                    () -> torch.conv2d(
                            x,
                            weight,
                            b,
                            new long[] {stride, stride},
                            new long[] {padding, padding},
                            new long[] {1, 1},
                            1),
                    x,
                    weight);
        }
    }

    public static Tensor groupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
        return slowWithChannelsLast(x, groups, weight)
                ? Ops.channelsLast(plainGroupNorm(x.contiguous(), groups, weight, bias, eps))
                : plainGroupNorm(x, groups, weight, bias, eps);
    }

    /**
     * Whether libtorch's kernels for the channels last are several times slower than those for the channels first, with a
     * gradient on a CPU: on large pictures of few channels, and in 16 bits where a group is no longer than a vector.
     */
    private static boolean slowWithChannelsLast(Tensor x, long groups, Tensor weight) {
        if (!x.is_cpu() || x.dim() != 4 || !(x.requires_grad() || weight.requires_grad())) {
            return false;
        }
        return x.size(2) * x.size(3) >= LARGE ? x.size(1) < 128 : Ops.dtype(x) != DType.F32 && x.size(1) / groups < 16;
    }

    private static Tensor plainGroupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
        try (TensorOptional w = Ops.optional(weight);
                TensorOptional b = Ops.optional(bias)) {
            return TensorException.call("group_norm", () -> torch.group_norm(x, groups, w, b, eps, true), x, weight);
        }
    }

    /** Mean and variance of each channel: x [1,C,H,W] -> fp32 [2,C]. */
    public static Tensor channelMoments(Tensor x) {
        Tensor unused = Ops.zeros(DType.F32, Ops.device(x), x.size(1)); // where running averages would go
        try (TensorOptional mean = Ops.optional(unused);
                TensorOptional variance = Ops.optional(unused)) {
            return TensorException.call(
                    "group_norm",
                    () -> {
                        T_TensorTensor_T moments = torch.batch_norm_update_stats(x, mean, variance, 0);
                        return Ops.stack(0, moments.get0(), moments.get1());
                    },
                    x);
        }
    }

    /** x · scale + shift, with a number for each channel, in one pass: x [B,C,H,W], scale and shift fp32 [C]. */
    public static Tensor scaleChannels(Tensor x, Tensor scale, Tensor shift) {
        Tensor zeros = Ops.zeros(DType.F32, Ops.device(x), x.size(1));
        Tensor ones = Ops.full(1, DType.F32, Ops.device(x), x.size(1));
        try (TensorOptional w = Ops.optional(scale);
                TensorOptional b = Ops.optional(shift);
                TensorOptional mean = Ops.optional(zeros);
                TensorOptional variance = Ops.optional(ones)) {
            return TensorException.call(
                    "group_norm",
                    () -> torch.native_batch_norm(x, w, b, mean, variance, false, 0, 0)
                            .get0(),
                    x);
        }
    }

    /** Group normalisation without weights. */
    public static Tensor groupNorm(Tensor x, long groups, double eps) {
        try (TensorOptional none = new TensorOptional()) {
            return TensorException.call("group_norm", () -> torch.group_norm(x, groups, none, none, eps, true), x);
        }
    }

    /** Normalises the last dimension. */
    public static Tensor layerNorm(Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
        long[] last = {x.size(-1)};
        try (TensorOptional w = Ops.optional(weight);
                TensorOptional b = Ops.optional(bias)) {
            return TensorException.call("layer_norm", () -> torch.layer_norm(x, last, w, b, eps, true), x);
        }
    }

    /** Divides the last dimension by its root mean square, in fp32 at least (Zhang and Sennrich 2019). */
    public static Tensor rmsNorm(Tensor x, @Nullable Tensor weight, double eps) {
        long[] last = {x.size(-1)};
        try (TensorOptional w = Ops.optional(weight);
                DoubleOptional e = new DoubleOptional(eps)) {
            return TensorException.call("rms_norm", () -> torch.rms_norm(x, last, w, e), x);
        }
    }

    /** Each vector of the last dimension at length 1. */
    public static Tensor unit(Tensor x) {
        return x.div(x.square().sum(-1).sqrt().unsqueeze(-1));
    }

    public static Tensor silu(Tensor x) {
        return TensorException.call("silu", () -> torch.silu(x), x);
    }

    /** As {@link #silu}, into x itself, unless a gradient will be asked for, which needs x as it was. */
    public static Tensor siluInPlace(Tensor x) {
        return x.requires_grad() ? silu(x) : TensorException.call("silu", () -> torch.silu_(x), x);
    }

    public static Tensor relu(Tensor x) {
        return TensorException.call("relu", x::relu, x);
    }

    /** x, or slope · x below zero, into x itself, unless a gradient will be asked for, which needs x as it was. */
    public static Tensor leakyReluInPlace(Tensor x, double slope) {
        try (Scalar s = new Scalar(slope)) {
            if (x.requires_grad()) {
                return TensorException.call("leaky_relu", () -> torch.leaky_relu(x, s), x);
            }
            TensorException.call("leaky_relu", () -> torch.leaky_relu_(x, s), x);
            return x; // what the operation gives is this object once more, without a lifetime of its own
        }
    }

    /** x [B,C,H,W], or below zero times its channel's slope; slopes [C] (He et al. 2015). */
    public static Tensor prelu(Tensor x, Tensor slopes) {
        return TensorException.call("prelu", () -> torch.prelu(x, slopes), x, slopes);
    }

    /** x · sigmoid(1.702 x). */
    public static Tensor quickGelu(Tensor x) {
        return TensorException.profiled(
                "quick_gelu", () -> x.mul(Ops.mul(x, 1.702).sigmoid()), x);
    }

    /** x + y, broadcast. */
    public static Tensor add(Tensor x, Tensor y) {
        return TensorException.call("add", () -> x.add(y), x, y);
    }

    /** x + y into x. */
    public static Tensor addInto(Tensor x, Tensor y) {
        return TensorException.call("add", () -> x.add_(y), x, y);
    }

    /** x · y, broadcast. */
    public static Tensor mul(Tensor x, Tensor y) {
        return TensorException.call("mul", () -> x.mul(y), x, y);
    }

    /** log(1 + eˣ). */
    public static Tensor softplus(Tensor x) {
        return TensorException.call("softplus", () -> torch.softplus(x), x);
    }

    /** Misra 2019. */
    public static Tensor mish(Tensor x) {
        return TensorException.call("mish", () -> torch.mish(x), x);
    }

    /** GELU by the error function (Hendrycks and Gimpel 2016). */
    public static Tensor gelu(Tensor x) {
        return TensorException.call("gelu", () -> torch.gelu(x), x);
    }

    /** GELU by its tanh approximation. */
    public static Tensor geluTanh(Tensor x) {
        return TensorException.call("gelu", () -> torch.gelu(x, "tanh"), x);
    }

    /** Softmax of the last dimension. */
    static Tensor softmax(Tensor x) {
        return TensorException.call("softmax", () -> torch.softmax(x, -1), x);
    }

    /** Softmax of the last dimension into memory that is there; {@code out} may be x itself. */
    static void softmaxInto(Tensor out, Tensor x) {
        TensorException.call("softmax", () -> torch.softmax_out(out, x, -1), x);
    }

    /** a [n,k] · b [k,m] into memory that is there [n,m]. */
    static void mmInto(Tensor out, Tensor a, Tensor b) {
        TensorException.call("mm", () -> torch.mm_out(out, a, b), a, b);
    }

    /** a / b, broadcast, into memory that is there. */
    static void divInto(Tensor out, Tensor a, Tensor b) {
        torch.div_out(out, a, b);
    }

    /** How many of the sorted {@code bounds} [n] lie below each element; int32 in the shape of x. */
    public static Tensor bucketize(Tensor x, Tensor bounds) {
        return torch.bucketize(x, bounds, true, false);
    }

    /** ids [B,n] int64, weight [vocabulary,d] -> [B,n,d]. */
    public static Tensor embedding(Tensor weight, Tensor ids) {
        return TensorException.call("embedding", () -> torch.embedding(weight, ids), weight, ids);
    }

    /** Zero padding of the last two dimensions; x [B,C,H,W]. */
    public static Tensor pad(Tensor x, long left, long right, long top, long bottom) {
        return TensorException.call("pad", () -> torch.constant_pad_nd(x, new long[] {left, right, top, bottom}), x);
    }

    /** Mirrors the last columns and rows to the right and below; x [B,C,H,W] itself where there is nothing to add. */
    public static Tensor padReflecting(Tensor x, long right, long below) {
        if (right == 0 && below == 0) {
            return x;
        }
        // A mirror shows no more than there is before it.
        boolean enough = right < x.size(3) && below < x.size(2);
        long[] sides = {0, right, 0, below};
        return TensorException.call(
                "pad", () -> enough ? torch.reflection_pad2d(x, sides) : torch.replication_pad2d(x, sides), x);
    }

    /** Mirrors so many columns and rows on every side; x [B,C,H,W]. */
    public static Tensor padMirrored(Tensor x, long each) {
        long[] sides = {each, each, each, each};
        return TensorException.call("pad", () -> torch.reflection_pad2d(x, sides), x);
    }

    /** Squares of factor·factor pixels as channels (Shi et al. 2016): x [B,C,H,W] -> [B,C·factor²,H/factor,W/factor]. */
    public static Tensor pixelUnshuffle(Tensor x, long factor) {
        return factor == 1 ? x : TensorException.call("pixel_unshuffle", () -> torch.pixel_unshuffle(x, factor), x);
    }

    /** The inverse of {@link #pixelUnshuffle}. */
    public static Tensor pixelShuffle(Tensor x, long factor) {
        return factor == 1 ? x : TensorException.call("pixel_shuffle", () -> torch.pixel_shuffle(x, factor), x);
    }

    /** The x that brings a·x nearest to b, by least squares; a [n,k] and b [n,m] -> [k,m]. */
    public static Tensor leastSquares(Tensor a, Tensor b) {
        return torch.linalg_pinv(a).mm(b);
    }

    /** Nearest-neighbour resize to an exact size; x [B,C,H,W]. */
    public static Tensor upsampleNearest(Tensor x, long height, long width) {
        return TensorException.call("upsample_nearest2d", () -> torch.upsample_nearest2d(x, height, width), x);
    }

    /**
     * Resize to an exact size; x [B,C,H,W].
     *
     * @param mode as libtorch names it: nearest, bilinear, bicubic or area
     */
    public static Tensor resize(Tensor x, String mode, long height, long width) {
        return switch (mode) {
            case "nearest" -> upsampleNearest(x, height, width);
            case "bilinear" -> torch.upsample_bilinear2d(x, new long[] {height, width}, false);
            case "bicubic" -> torch.upsample_bicubic2d(x, new long[] {height, width}, false);
            case "area" -> torch.adaptive_avg_pool2d(x, height, width);
            default ->
                throw new IllegalArgumentException(
                        "resize: got [%s], wanted nearest, bilinear, bicubic or area".formatted(mode));
        };
    }

    /**
     * Scaled dot product attention by the stock kernel. q [B,h,n,d], k and v [B,h,m,d] -> [B,h,n,d].
     *
     * @param mask added to the scores, broadcast to [B,h,n,m], or null
     * @param scale factor of the scores; 0 means 1/√d
     */
    static Tensor scaledDotProduct(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, double scale) {
        try (TensorOptional m = Ops.optional(mask);
                DoubleOptional s = scale == 0 ? new DoubleOptional() : new DoubleOptional(scale)) {
            return TensorException.call(
                    "scaled_dot_product_attention",
                    () -> torch.scaled_dot_product_attention(q, k, v, m, 0, causal, s, false),
                    q,
                    k,
                    v);
        }
    }
}
