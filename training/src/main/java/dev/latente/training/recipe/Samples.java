package dev.latente.training.recipe;

import dev.latente.pipelines.Guiding;
import dev.latente.pipelines.Request;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a run draws while it trains.
 *
 * @param every steps between samples; 0 for none
 * @param prompts one picture each
 * @param steps of the sampler
 * @param guiding how strongly the prompts are followed
 * @param seed of the first picture
 */
public record Samples(long every, List<String> prompts, int steps, Guiding guiding, long seed) {
    public Samples {
        prompts = List.copyOf(prompts);
    }

    /** What is drawn for each prompt, with a seed of its own. */
    List<Request> requests() {
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> Request.of(prompts.get(i))
                        .withSteps(steps)
                        .withGuiding(guiding)
                        .withSeed(seed + i))
                .toList();
    }

    static Samples of(Section root) {
        Section s = root.section("samples");
        return new Samples(
                root.whole("sample_every", 0),
                s.texts("prompts"),
                s.integer("steps", 20),
                Guiding.of(s.number("guidance", 5)).withRescale(s.number("guidance_rescale", 0)),
                s.whole("seed", 0));
    }
}
