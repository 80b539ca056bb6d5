package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.Ssim;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain of prompts, in which each step refines the picture of the last one (SDEdit, Meng et al. 2022), and how much of the
 * picture each step kept, as structural similarity. Thread-safe.
 */
public final class Chain {
    private final Checkpoint checkpoint;

    public Chain(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * A step.
     *
     * @param prompt what the picture shows from here on
     * @param strength 0 to keep the picture, 1 to draw all of it anew
     */
    public record Step(Prompt prompt, double strength) {}

    /**
     * What a step made.
     *
     * @param ssim similarity to the picture of the step before, up to 1 for the same
     */
    public record Link(Step step, Picture picture, double ssim) {}

    /**
     * Refines a picture step by step.
     *
     * @param request of one picture; its prompts count for nothing, and a step's noise has a seed of its own
     */
    public List<Link> refine(Request request, Picture first, List<Step> steps, Progress progress) {
        List<Link> links = new ArrayList<>();
        Picture last = first;
        for (Step step : steps) {
            Request one = request.withPrompts(List.of(step.prompt))
                    .withPerPrompt(1)
                    .withSize(last.width(), last.height())
                    // The same noise again would bring back what the first step drew.
                    .withSeeds(Seeds.of(request.seeds().seed(0) + links.size() + 1));
            Picture next = new ImageToImage(checkpoint)
                    .generate(one, Source.of(last, step.strength), progress)
                    .get(0);
            links.add(new Link(step, next, Ssim.of(last, next)));
            last = next;
        }
        return links;
    }
}
