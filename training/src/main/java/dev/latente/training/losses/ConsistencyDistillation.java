package dev.latente.training.losses;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Latent consistency distillation (Luo et al. 2023, section 4): what the student says at a timestep is what its slow copy says a
 * DDIM step of the guided teacher later.
 *
 * @param sigmaData standard deviation of the latents, 0.5
 * @param timestepScaling by which timesteps are multiplied before they are compared with it, 10
 */
public record ConsistencyDistillation(double sigmaData, double timestepScaling) {
    /** As the published models have it. */
    public static final ConsistencyDistillation DEFAULT = new ConsistencyDistillation(0.5, 10);

    /** Share of the input in the consistency function, 1 at timestep 0 (Song et al. 2023, appendix C); timesteps [B] -> [B] fp64. */
    public Tensor skip(Tensor timesteps) {
        double variance = sigmaData * sigmaData;
        return Ops.mul(Ops.add(scaled(timesteps).square(), variance).reciprocal(), variance);
    }

    /** Share of the predicted picture, 0 at timestep 0; timesteps [B] -> [B] fp64. */
    public Tensor out(Tensor timesteps) {
        Tensor t = scaled(timesteps);
        return t.div(Ops.add(t.square(), sigmaData * sigmaData).sqrt());
    }

    private Tensor scaled(Tensor timesteps) {
        return Ops.mul(Ops.to(timesteps, DType.F64), timestepScaling);
    }

    /** The consistency function: noised latents and the picture predicted from them, both [B,...] -> the same shape. */
    public Tensor apply(Tensor x, Tensor sample, Tensor timesteps) {
        Tensor skip = Ops.to(NoiseLevels.perSample(skip(timesteps), x), DType.F32);
        Tensor out = Ops.to(NoiseLevels.perSample(out(timesteps), x), DType.F32);
        return skip.mul(x).add(out.mul(sample));
    }

    /** The timesteps that a step starts from, evenly spaced and ascending [steps] int64. */
    public static Tensor timesteps(int train, int steps) {
        return Ops.of(
                IntStream.rangeClosed(1, steps)
                        .mapToLong(i -> (long) i * (train / steps) - 1)
                        .toArray(),
                steps);
    }

    /** Where the steps end that start there, 0 at the least; start [B] -> [B]. */
    public static Tensor ends(Tensor start, int train, int steps) {
        int step = train / steps;
        return Ops.clamp(Ops.sub(start, step), 0, train);
    }

    /** conditional + w · (conditional - unconditional), [B,...] each; guidance w [B], 0 for none (Luo et al. 2023, section 4.2). */
    public static Tensor guided(Tensor conditional, Tensor unconditional, Tensor w) {
        return conditional.add(NoiseLevels.perSample(w, conditional).mul(conditional.sub(unconditional)));
    }

    /** What the student is told of its guidance: sinusoids of 1000·w; w [B] -> [B,size] fp32 (Luo et al. 2023, section 4.2). */
    public static Tensor guidanceEmbedding(Tensor w, long size) {
        int half = Math.toIntExact(size / 2);
        // Rounded as models were trained: the angles are so large that it shows.
        float step = (float) Math.log(10_000) / (half - 1);
        double[] frequencies = IntStream.range(0, half)
                .mapToDouble(i -> (float) Math.exp(i * -step))
                .toArray();
        Tensor f = Ops.to(Ops.of(frequencies, half), DType.F32, Ops.device(w));
        Tensor angles = Ops.mul(w, 1000).unsqueeze(1).mul(f);
        Tensor waves = Ops.cat(1, angles.sin(), angles.cos());
        return size % 2 == 0 ? waves : Ops.cat(1, waves, Ops.mul(w, 0).unsqueeze(1));
    }

    /** Pseudo-Huber loss √(d²+c²) - c, a scalar (Song and Dhariwal 2023, section 3.3). */
    public static Tensor pseudoHuber(Tensor prediction, Tensor target, double c) {
        Tensor squared = prediction.sub(target).square();
        return Ops.sub(Ops.add(squared, c * c).sqrt(), c).mean();
    }
}
