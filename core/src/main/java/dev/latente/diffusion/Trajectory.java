package dev.latente.diffusion;

import dev.latente.profile.Phase;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One planned run of a sampler: the noise levels that it visits and the rule by which it goes from one to the next.
 * Immutable and thread-safe.
 */
public final class Trajectory {
    private final List<Level> levels;
    private final double[] sigmas;
    private final double initNoiseSigma;
    private final Steps.Range range;
    private final StepRule rule;

    /**
     * Plans a run.
     *
     * @param levels one for each model call of the uncut schedule
     * @param sigmas the noise levels of the uncut schedule with the final one, as the rule sees them; empty if it has none
     * @param range which of the calls are run
     */
    Trajectory(List<Level> levels, double[] sigmas, double initNoiseSigma, Steps.Range range, StepRule rule) {
        this.levels = List.copyOf(levels);
        this.sigmas = sigmas.clone();
        this.initNoiseSigma = initNoiseSigma;
        this.range = range;
        this.rule = rule;
    }

    /** What the model is given, one for each model call, in order. */
    public double[] timesteps() {
        return calls().stream().mapToDouble(Level::timestep).toArray();
    }

    /** The noise levels of the uncut schedule, the final one included; empty for samplers that work on alphas. */
    public double[] sigmas() {
        return sigmas.clone();
    }

    /** Standard deviation of the noise beside a picture of unit signal, σ/α, one for each model call, in order. */
    public double[] noiseLevels() {
        return calls().stream()
                .mapToDouble(level -> level.noise() / level.signal())
                .toArray();
    }

    /** Standard deviation of the noise from which a picture is started. */
    public double initNoiseSigma() {
        return initNoiseSigma;
    }

    /** The forward process: {@code sample} with as much of {@code noise} as there is before that call. */
    public Tensor addNoise(Tensor sample, Tensor noise, int call) {
        Level level = calls().get(call);
        return Scopes.keep(() -> Ops.combine(level.signal(), sample, level.noise(), noise));
    }

    /** What the model is given for the latents {@code x} at that call. */
    public Tensor scaleInput(Tensor x, int call) {
        double divisor = calls().get(call).divisor();
        return divisor == 1 ? x : Ops.div(x, divisor);
    }

    /**
     * Runs the sampler.
     *
     * @param x noise times {@link #initNoiseSigma}, or a picture that went through {@link #addNoise}
     * @return the final latents, in the caller's scope
     */
    public Tensor sample(Tensor x, Denoiser model, NoiseSource noise, StepListener listener) {
        List<Tensor> state = List.of(x);
        for (int call = 0; call < calls().size(); call++) {
            Level level = calls().get(call);
            Phase step = new Phase.Step(call, calls().size(), level.timestep(), level.sigma());
            int now = call;
            List<Tensor> before = state;
            state = step.run(() -> step(now, before, model, noise, listener));
        }
        return state.get(0);
    }

    private List<Tensor> step(int call, List<Tensor> state, Denoiser model, NoiseSource noise, StepListener listener) {
        return Scopes.keepAll(() -> {
            Tensor x = state.get(0);
            double timestep = calls().get(call).timestep();
            Tensor output = Ops.to(model.predict(scaleInput(x, call), timestep), Ops.dtype(x));
            List<Tensor> next =
                    new ArrayList<>(rule.step(range.begin() + call, x, output, state.subList(1, state.size()), noise));
            next.set(0, listener.onStep(call, timestep, next.get(0)));
            return next;
        });
    }

    private List<Level> calls() {
        return levels.subList(range.begin(), range.end());
    }
}
