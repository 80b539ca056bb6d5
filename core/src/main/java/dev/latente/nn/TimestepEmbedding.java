package dev.latente.nn;

import dev.latente.tensor.DType;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Perceptron that turns the sinusoids of a timestep, or another vector, into what the residual blocks are told (Ho et al.
 * 2020, appendix B). Keys: {@code linear_1}, {@code linear_2}.
 */
public final class TimestepEmbedding {
    private static final double MAX_PERIOD = 10_000;

    private final Linear linear1;
    private final Linear linear2;

    public TimestepEmbedding(Params p, long in, long out) {
        linear1 = new Linear(p.at("linear_1"), in, out);
        linear2 = new Linear(p.at("linear_2"), out, out);
    }

    /** x [N,in] -> [N,out]. */
    public Tensor forward(Tensor x) {
        return linear2.forward(Functional.silu(linear1.forward(x)));
    }

    /**
     * Sinusoidal position embedding (Vaswani et al. 2017, section 3.5). t [N] of any dtype -> [N,size] fp32.
     *
     * @param size an even number
     * @param cosFirst whether the cosines come before the sines
     * @param freqShift 0 or 1: how much the lowest frequency falls short of the longest period
     */
    public static Tensor sinusoids(Tensor t, long size, boolean cosFirst, double freqShift) {
        long half = size / 2;
        Tensor index = Ops.to(Ops.range(half), DType.F32, Ops.device(t));
        Tensor frequencies =
                Ops.div(Ops.mul(index, -Math.log(MAX_PERIOD)), half - freqShift).exp();
        Tensor angles = Ops.to(t, DType.F32).unsqueeze(1).mul(frequencies);
        return cosFirst ? Ops.cat(1, angles.cos(), angles.sin()) : Ops.cat(1, angles.sin(), angles.cos());
    }
}
