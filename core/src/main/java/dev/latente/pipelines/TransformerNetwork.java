package dev.latente.pipelines;

import dev.latente.diffusion.Steps;
import dev.latente.models.mmdit.MMDiT;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** The transformer of Stable Diffusion 3 and 3.5 (Esser et al. 2024). */
record TransformerNetwork(Built<MMDiT> built) implements Network {
    MMDiT transformer() {
        return built.model();
    }

    @Override
    public long inChannels() {
        return transformer().config().inChannels();
    }

    @Override
    public LatentPreview.Space latents() {
        return LatentPreview.Space.SD3;
    }

    @Override
    public long sampleSize() {
        return transformer().config().sampleSize();
    }

    @Override
    public int patchSize() {
        return Math.toIntExact(transformer().config().patchSize());
    }

    @Override
    public boolean toldGuidance() {
        return false;
    }

    /** What its makers use: Stable Diffusion 3.5, which normalises queries and keys, is guided less. */
    @Override
    public double usualGuidance() {
        return transformer().config().qkNorm() ? 4.5 : 7;
    }

    @Override
    public int usualSteps() {
        return 28;
    }

    @Override
    public Steps cut(Steps steps, double strength) {
        return steps.withStrengthRoundedUp(strength);
    }

    @Override
    public TransformerNetwork with(Models changes) {
        return new TransformerNetwork(changes.changed(built));
    }

    @Override
    public Canvas begin(Run run) {
        Request request = run.request();
        GuidedTransformer.refuseUNetParts(request, "Stable Diffusion 3");
        int layers = transformer().config().layers();
        request.guiding().skip().layers().forEach(layer -> {
            if (layer >= layers) {
                throw new IllegalArgumentException(
                        "skipped layers: got [%d], wanted 0 to %d".formatted(layer, layers - 1));
            }
        });
        return halves -> (where, extra) -> new GuidedTransformer(this::velocity, run, halves, extra);
    }

    private Tensor velocity(Tensor x, Tensor timestep, Conditioning text, double scale, Set<Integer> skipped) {
        Tensor pooled = Objects.requireNonNull(text.pooled());
        return transformer().forward(x, timestep, text.states(), pooled, skipped, List.of());
    }
}
