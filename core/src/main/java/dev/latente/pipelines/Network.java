package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Steps;
import dev.latente.image.Masks.Region;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The network of a checkpoint that denoises: what it takes, and what is usual with it. Thread-safe. */
sealed interface Network permits UNetNetwork, TransformerNetwork, FluxNetwork {
    /** Channels of what it is given: those of latents, or also those of a mask and of masked latents. */
    long inChannels();

    /** Whose autoencoder made the latents that it was trained on. */
    LatentPreview.Space latents();

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

    /** The schedule that it is used with, of the one that was published with it. */
    default SchedulerConfig schedule(SchedulerConfig published) {
        return published;
    }

    /** The same with what is laid over its weights. */
    Network with(Models changes);

    /**
     * Begins a run.
     *
     * @throws IllegalArgumentException if the request asks for what it cannot do
     */
    Canvas begin(Run run);

    /** A run that has begun: the network has seen what steers it. */
    @FunctionalInterface
    interface Canvas {
        /** Tells the network what the prompts became, in the order of the steps that they are for. */
        Prompted told(List<Conditioner.Halves> halves);
    }

    /** A network that knows what to draw. */
    @FunctionalInterface
    interface Prompted {
        /**
         * Begins a part of the canvas, which is drawn for itself.
         *
         * @param where in latents
         * @param extra channels that the network sees beside the sample [B,c,h,w], of the part alone, or null
         */
        GuidedNetwork part(Region where, @Nullable Tensor extra);
    }
}
