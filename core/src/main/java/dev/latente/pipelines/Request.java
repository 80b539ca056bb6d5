package dev.latente.pipelines;

import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.Steps;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides on a picture but the checkpoint. Immutable; start with {@link #of} and change what differs.
 *
 * @param prompts one or several
 * @param perPrompt pictures for each of them
 * @param size of the pictures, or null for that of the source, or else the checkpoint's
 * @param scheduler the sampler and its noise schedule, or null for the checkpoint's
 * @param steps how many, or which
 * @param guiding how strongly the prompt is followed
 * @param seeds where the noise comes from
 * @param micro SDXL's micro-conditioning for the prompt and for the negative prompt
 * @param controls pictures that steer by their outlines; the first one decides on the size where nothing else does
 * @param pictures that say what to draw, beside the prompt
 * @param shortcuts work that is left undone, for speed
 * @param views parts of the canvas that are drawn for themselves
 */
public record Request(
        List<Prompt> prompts,
        int perPrompt,
        @Nullable Size size,
        @Nullable Scheduler scheduler,
        Steps steps,
        Guiding guiding,
        Seeds seeds,
        Conditions micro,
        List<Control> controls,
        List<PicturePrompt> pictures,
        Shortcuts shortcuts,
        Views views) {

    /**
     * Micro-conditioning of both halves of a guided call.
     *
     * @param positive what the half with the prompt is told
     * @param negative what the other half is told, or null for the same sizes
     */
    public record Conditions(Micro positive, @Nullable Micro negative) {
        public static final Conditions DEFAULT = new Conditions(Micro.DEFAULT, null);
    }

    public Request {
        prompts = List.copyOf(prompts);
        controls = List.copyOf(controls);
        pictures = List.copyOf(pictures);
        if (prompts.isEmpty() || perPrompt < 1) {
            throw new IllegalArgumentException("pictures: got [%d] for each of [%d] prompts, wanted at least one"
                    .formatted(perPrompt, prompts.size()));
        }
    }

    /** One picture of the prompt in 20 steps, with seed 0. */
    public static Request of(String prompt) {
        return of(List.of(Prompt.of(prompt)));
    }

    public static Request of(List<Prompt> prompts) {
        return new Request(
                prompts,
                1,
                null,
                null,
                Steps.of(20),
                Guiding.DEFAULT,
                Seeds.of(0),
                Conditions.DEFAULT,
                List.of(),
                List.of(),
                Shortcuts.NONE,
                Views.WHOLE);
    }

    /** Number of pictures. */
    public int batch() {
        return prompts.size() * perPrompt;
    }

    public Request withNegative(String negative) {
        return withPrompts(prompts.stream().map(p -> p.withNegative(negative)).toList());
    }

    public Request withPrompts(List<Prompt> value) {
        return new Request(
                value, perPrompt, size, scheduler, steps, guiding, seeds, micro, controls, pictures, shortcuts, views);
    }

    public Request withPerPrompt(int value) {
        return new Request(
                prompts, value, size, scheduler, steps, guiding, seeds, micro, controls, pictures, shortcuts, views);
    }

    public Request withSize(int width, int height) {
        return withSize(new Size(width, height));
    }

    public Request withSize(@Nullable Size value) {
        return new Request(
                prompts, perPrompt, value, scheduler, steps, guiding, seeds, micro, controls, pictures, shortcuts,
                views);
    }

    public Request withScheduler(@Nullable Scheduler value) {
        return new Request(
                prompts, perPrompt, size, value, steps, guiding, seeds, micro, controls, pictures, shortcuts, views);
    }

    public Request withSteps(int value) {
        return withSteps(Steps.of(value));
    }

    public Request withSteps(Steps value) {
        return new Request(
                prompts, perPrompt, size, scheduler, value, guiding, seeds, micro, controls, pictures, shortcuts,
                views);
    }

    public Request withGuidance(double scale) {
        return withGuiding(Guiding.of(scale));
    }

    public Request withGuiding(Guiding value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, value, seeds, micro, controls, pictures, shortcuts, views);
    }

    public Request withSeed(long seed) {
        return withSeeds(Seeds.each(seed, batch()));
    }

    public Request withSeeds(Seeds value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, value, micro, controls, pictures, shortcuts,
                views);
    }

    public Request withMicro(Conditions value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, seeds, value, controls, pictures, shortcuts,
                views);
    }

    public Request withControls(List<Control> value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, seeds, micro, value, pictures, shortcuts, views);
    }

    public Request withPictures(List<PicturePrompt> value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, seeds, micro, controls, value, shortcuts, views);
    }

    public Request withShortcuts(Shortcuts value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, seeds, micro, controls, pictures, value, views);
    }

    public Request withViews(Views value) {
        return new Request(
                prompts, perPrompt, size, scheduler, steps, guiding, seeds, micro, controls, pictures, shortcuts,
                value);
    }
}
