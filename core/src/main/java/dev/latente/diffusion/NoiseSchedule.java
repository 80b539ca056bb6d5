package dev.latente.diffusion;

import java.util.Arrays;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * The discrete noise schedule of a model trained on betas (Ho et al. 2020): how much of the picture, ᾱ, is left at each
 * training timestep. Values are fp32, as the models were trained with them.
 */
public final class NoiseSchedule {
    /** The classes that know {@code rescale_betas_zero_snr}; the others ignore it. */
    private static final Set<String> RESCALING = Set.of(
            "DDIMInverseScheduler",
            "DDIMScheduler",
            "DDPMScheduler",
            "DPMSolverMultistepScheduler",
            "EulerAncestralDiscreteScheduler",
            "EulerDiscreteScheduler",
            "LCMScheduler",
            "TCDScheduler",
            "UniPCMultistepScheduler");

    private final double[] alphasCumprod;

    private NoiseSchedule(double[] alphasCumprod) {
        this.alphasCumprod = alphasCumprod;
    }

    /** From {@code beta_schedule}, {@code beta_start}, {@code beta_end}, {@code trained_betas} and {@code rescale_betas_zero_snr}. */
    public static NoiseSchedule of(SchedulerConfig config) {
        double[] alphas = cumprod(betas(config));
        boolean rescale = RESCALING.contains(config.className()) && config.flag("rescale_betas_zero_snr");
        return new NoiseSchedule(rescale ? zeroTerminalSnr(alphas) : alphas);
    }

    /** ᾱ of each training timestep. */
    public double[] alphasCumprod() {
        return alphasCumprod.clone();
    }

    public double alphaCumprod(int timestep) {
        return alphasCumprod[timestep];
    }

    public int trainTimesteps() {
        return alphasCumprod.length;
    }

    /** σ = √((1-ᾱ)/ᾱ) of each training timestep, ascending. */
    public double[] sigmas() {
        return Arrays.stream(alphasCumprod)
                .map(a -> (float) Math.sqrt((float) ((float) (1 - a) / a)))
                .toArray();
    }

    private static double[] betas(SchedulerConfig config) {
        if (config.has("trained_betas")) {
            return Arrays.stream(config.numbers("trained_betas"))
                    .map(b -> (float) b)
                    .toArray();
        }
        int n = config.integer("num_train_timesteps");
        double start = config.number("beta_start");
        double end = config.number("beta_end");
        return switch (config.text("beta_schedule")) {
            case "linear" -> linspace(start, end, n);
            case "scaled_linear" ->
                Arrays.stream(linspace(Math.sqrt(start), Math.sqrt(end), n))
                        .map(b -> (float) (b * b))
                        .toArray();
            case "squaredcos_cap_v2" ->
                fromAlphaBar(n, t -> {
                    double cos = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
                    return cos * cos;
                });
            case "laplace" ->
                fromAlphaBar(n, t -> {
                    double snr =
                            Math.exp(-0.5 * Math.copySign(1, 0.5 - t) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6));
                    return Math.sqrt(snr / (1 + snr));
                });
            case "exp" -> fromAlphaBar(n, t -> Math.exp(-12 * t));
            case "sigmoid" ->
                Arrays.stream(linspace(-6, 6, n))
                        .map(b -> (float) (1 / (1 + Math.exp(-b)) * (end - start) + start))
                        .toArray();
            default ->
                throw config.unknown(
                        "beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2", "laplace", "exp", "sigmoid");
        };
    }

    /** Betas of which the products of 1-β follow a function of time in [0,1] (Nichol and Dhariwal 2021, section 3.2). */
    private static double[] fromAlphaBar(int n, DoubleUnaryOperator alphaBar) {
        double[] betas = new double[n];
        for (int i = 0; i < n; i++) {
            double ratio = alphaBar.applyAsDouble((i + 1.0) / n) / alphaBar.applyAsDouble((double) i / n);
            betas[i] = (float) Math.min(1 - ratio, 0.999);
        }
        return betas;
    }

    private static double[] cumprod(double[] betas) {
        double[] out = new double[betas.length];
        double product = 1;
        for (int i = 0; i < out.length; i++) {
            product *= (float) (1 - betas[i]);
            out[i] = (float) product;
        }
        return out;
    }

    /** Shifts and scales √ᾱ so that nothing of the picture is left at the last timestep (Lin et al. 2023, algorithm 1). */
    private static double[] zeroTerminalSnr(double[] alphasCumprod) {
        double[] betas = new double[alphasCumprod.length];
        float first = (float) Math.sqrt(alphasCumprod[0]);
        float last = (float) Math.sqrt(alphasCumprod[betas.length - 1]);
        float before = 1;
        for (int i = 0; i < betas.length; i++) {
            float root = ((float) Math.sqrt(alphasCumprod[i]) - last) * (first / (first - last));
            float alphaBar = root * root;
            float beta = 1 - alphaBar / before;
            betas[i] = beta;
            before = alphaBar;
        }
        // Through betas and back, as models are trained: in fp32 that moves the first values.
        return cumprod(betas);
    }

    /** n fp32 numbers from start to end, counted from the nearer end as libtorch does. */
    static double[] linspace(double start, double end, int n) {
        float step = n > 1 ? ((float) end - (float) start) / (n - 1) : 0;
        double[] out = new double[n];
        for (int i = 0; i < n; i++) {
            out[i] = i < n / 2 || n == 1
                    ? Math.fma(step, (float) i, (float) start)
                    : Math.fma(-step, (float) (n - 1 - i), (float) end);
        }
        return out;
    }
}
