package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.InPlace;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as PyTorch rounds it. */
public final class AdamW implements AutoCloseable {
    /**
     * Hyperparameters.
     *
     * @param beta1 decay of the mean of gradients
     * @param beta2 decay of the mean of their squares
     * @param weightDecay by which weights shrink in each step, times the learning rate
     * @param state how the two means are kept
     */
    public record Config(double beta1, double beta2, double eps, double weightDecay, State state) {
        public static final Config DEFAULT = new Config(0.9, 0.999, 1e-8, 0.01);

        /** With its means in fp32. */
        public Config(double beta1, double beta2, double eps, double weightDecay) {
            this(beta1, beta2, eps, weightDecay, State.FP32);
        }

        public Config {
            if (beta1 < 0 || beta1 >= 1 || beta2 < 0 || beta2 >= 1 || eps < 0 || weightDecay < 0) {
                throw new IllegalArgumentException(
                        "AdamW: betas [%s, %s], eps [%s], weight decay [%s]: betas lie in [0, 1), the others are not negative"
                                .formatted(beta1, beta2, eps, weightDecay));
            }
        }

        public Config withState(State value) {
            return new Config(beta1, beta2, eps, weightDecay, value);
        }
    }

    /** How the means of the gradients and of their squares are kept. */
    public enum State {
        /** Four bytes for each number. */
        FP32,
        /** One byte for each number and four for each 256 (Dettmers et al. 2022). */
        EIGHT_BIT
    }

    /** Elements of a slice, which all operations of a step pass over while it is in the cache. */
    private static final long SLICE = 1 << 18;

    /** On a GPU only what is made anew in each step has to be small. */
    private static final long LARGE_SLICE = 1 << 26;

    private final Arena arena = new Arena();
    private final Parameters parameters;
    private final Config config;
    private final Moment mean;
    private final Moment square;

    public AdamW(Parameters parameters, Config config) {
        this.parameters = parameters;
        this.config = config;
        mean = moment(true);
        square = moment(false);
    }

    private Moment moment(boolean signed) {
        long n = parameters.values().numel();
        Device device = Ops.device(parameters.values());
        return switch (config.state) {
            case FP32 -> Moment.Exact.zeros(n, device, arena);
            case EIGHT_BIT -> new QuantizedMoment(n, signed, device, arena);
        };
    }

    /** The state by name: {@code exp_avg} and {@code exp_avg_sq}, laid out as the parameters' buffer, or their codes and scales. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(mean.state("exp_avg"));
        state.putAll(square.state("exp_avg_sq"));
        return state;
    }

    /**
     * One step along the gradients.
     *
     * @param step counted from 1
     * @param gradientScale factor of the gradients, such as that of clipping
     */
    public void step(long step, double learningRate, double gradientScale) {
        double correction1 = 1 - Math.pow(config.beta1, (double) step);
        double correction2 = Math.sqrt(1 - Math.pow(config.beta2, (double) step));
        long n = parameters.values().numel();
        long slice = parameters.values().is_cpu() ? SLICE : LARGE_SLICE;
        for (long from = 0; from < n; from += slice) {
            long start = from;
            long count = Math.min(slice, n - from);
            Scopes.run(() -> {
                Tensor w = parameters.values().narrow(0, start, count);
                Tensor g = parameters.gradients().narrow(0, start, count);
                Tensor m = mean.load(start, count);
                Tensor v = square.load(start, count);
                if (gradientScale != 1) {
                    InPlace.scale(g, gradientScale);
                }
                InPlace.scale(w, 1 - learningRate * config.weightDecay);
                InPlace.lerp(m, g, 1 - config.beta1);
                InPlace.scale(v, config.beta2);
                InPlace.addProduct(v, g, g, 1 - config.beta2);
                Tensor denominator = Ops.div(v.sqrt(), correction2);
                InPlace.add(denominator, config.eps);
                InPlace.addQuotient(w, m, denominator, -learningRate / correction1);
                mean.store(start, m);
                square.store(start, v);
            });
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
