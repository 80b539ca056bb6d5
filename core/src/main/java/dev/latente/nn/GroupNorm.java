package dev.latente.nn;

import dev.latente.tensor.DType;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Group normalisation (Wu and He 2018). Keys: {@code weight} [C], {@code bias} [C]. */
public final class GroupNorm {
    private final Tensor weight; // [C]
    private final Tensor bias; // [C]
    /** Pixels that fp32 adds up well, one after the other. */
    private static final long SUMMED = 1 << 14;

    private final long groups;
    private final double eps;

    public GroupNorm(Params p, long groups, long channels, double eps) {
        weight = p.get("weight", channels);
        bias = p.get("bias", channels);
        this.groups = groups;
        this.eps = eps;
    }

    /** x [B,C,...] -> the same shape. */
    public Tensor forward(Tensor x) {
        return Functional.groupNorm(x, groups, weight, bias, eps);
    }

    /**
     * What {@link #forward} does to x [1,C,H,W], for any rows of it: mean and variance are those of all rows. Only for
     * inference.
     */
    UnaryOperator<Tensor> over(Tensor x) {
        int channels = (int) x.size(1);
        double[] mean = new double[channels];
        double[] square = new double[channels];
        long height = x.size(2);
        long rows = Math.max(1, SUMMED / x.size(3));
        for (long top = 0; top < height; top += rows) {
            Tensor part = x.narrow(2, top, Math.min(rows, height - top));
            double[] moments = Scopes.within(() -> Ops.doubles(Functional.channelMoments(part)));
            double share = (double) part.size(2) / height;
            for (int c = 0; c < channels; c++) {
                mean[c] += share * moments[c];
                square[c] += share * (moments[channels + c] + moments[c] * moments[c]);
            }
        }
        double[] scale = Ops.doubles(weight);
        double[] shift = Ops.doubles(bias);
        int size = (int) (channels / groups);
        for (int first = 0; first < channels; first += size) {
            double m = Arrays.stream(mean, first, first + size).sum() / size;
            double s = Arrays.stream(square, first, first + size).sum() / size;
            double deviation = Math.sqrt(Math.max(0, s - m * m) + eps);
            for (int c = first; c < first + size; c++) {
                scale[c] /= deviation;
                shift[c] -= m * scale[c];
            }
        }
        Tensor factors = Ops.to(Ops.of(scale, channels), DType.F32);
        Tensor terms = Ops.to(Ops.of(shift, channels), DType.F32);
        return y -> Functional.scaleChannels(y, factors, terms);
    }
}
