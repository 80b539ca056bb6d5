package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Steps;
import dev.latente.models.flux.Flux;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** The transformer of Flux.1: dev, which is told the scale of guidance, or schnell, which draws in few steps without. */
record FluxNetwork(Built<Flux> built) implements Network {
    /** Side of the latents that its makers name; it was trained on many. */
    static final long SAMPLE_SIZE = 128;

    Flux flux() {
        return built.model();
    }

    @Override
    public long inChannels() {
        return flux().config().inChannels() / 4;
    }

    @Override
    public LatentPreview.Space latents() {
        return LatentPreview.Space.FLUX;
    }

    @Override
    public long sampleSize() {
        return SAMPLE_SIZE;
    }

    @Override
    public int patchSize() {
        return 2;
    }

    @Override
    public boolean toldGuidance() {
        return flux().config().guidanceEmbeds();
    }

    @Override
    public double usualGuidance() {
        return toldGuidance() ? 3.5 : 1;
    }

    @Override
    public int usualSteps() {
        return toldGuidance() ? 28 : 4;
    }

    /** How many tokens of T5 it was trained with. */
    int usualTokens() {
        return toldGuidance() ? 512 : 256;
    }

    @Override
    public Steps cut(Steps steps, double strength) {
        return steps.withStrengthRoundedUp(strength);
    }

    /** The levels before the shift are evenly spaced down to no noise. */
    @Override
    public SchedulerConfig schedule(SchedulerConfig published) {
        return published.with("flow_spacing", "trailing");
    }

    @Override
    public FluxNetwork with(Models changes) {
        return new FluxNetwork(changes.changed(built));
    }

    @Override
    public Canvas begin(Run run) {
        Request request = run.request();
        GuidedTransformer.refuseUNetParts(request, "Flux.1");
        if (!request.guiding().skip().layers().isEmpty()) {
            throw new IllegalArgumentException(
                    "skipped layers: got %s, wanted none: only Stable Diffusion 3 is guided by leaving out layers"
                            .formatted(request.guiding().skip().layers()));
        }
        if (toldGuidance()) {
            request.prompts().forEach(FluxNetwork::refuseNegative);
        }
        return halves -> (where, extra) -> new GuidedTransformer(this::velocity, run, halves, extra);
    }

    private static void refuseNegative(Prompt prompt) {
        String negative = prompt.t5Text(true);
        if (!negative.isEmpty()) {
            throw new IllegalArgumentException(
                    "negative prompt: got [%s], wanted none: Flux.1 dev is told the scale of guidance and reads one prompt only: leave it out"
                            .formatted(negative));
        }
    }

    private Tensor velocity(Tensor x, Tensor timestep, Conditioning text, double scale, Set<Integer> skipped) {
        Tensor guidance = Ops.full(scale, DType.F32, Ops.device(x), 1);
        Tensor pooled = Objects.requireNonNull(text.pooled());
        return flux().velocity(x, new Flux.Conditions(timestep, guidance, text.states(), pooled));
    }
}
