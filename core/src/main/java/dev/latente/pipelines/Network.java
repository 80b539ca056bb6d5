package dev.latente.pipelines;

import dev.latente.diffusion.Steps;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The network of a checkpoint that denoises: what it takes, and what is usual with it. Thread-safe. */
sealed interface Network permits UNetNetwork, TransformerNetwork {
    /** Channels of what it is given: those of latents, or also those of a mask and of masked latents. */
    long inChannels();

    /** Side of the latents that it was trained on. */
    long sampleSize();

    /** Side of the latents that it takes as one; sides of latents are multiples of it. */
    int patchSize();

    /** Whether it is told the scale of guidance, and needs no second half of the batch (Luo et al. 2023). */
    boolean toldGuidance();

    /** The usual scale of guidance. */
    double usualGuidance();

    int usualSteps();

    /** The steps of a run that changes a picture by {@code strength}. */
    Steps cut(Steps steps, double strength);

    /**
     * Begins a run.
     *
     * @param halves what the prompts became, in the order of the steps that they are for
     * @param extra channels that it sees beside the sample [B,c,h,w], or null
     * @throws IllegalArgumentException if the request asks for what it cannot do
     */
    GuidedNetwork begin(Run run, List<Conditioner.Halves> halves, @Nullable Tensor extra);
}
