package dev.latente.training.recipe;

import java.util.List;

/**
 * What a run draws while it trains.
 *
 * @param every steps between samples; 0 for none
 * @param prompts one picture each
 * @param steps of the sampler
 */
public record Samples(long every, List<String> prompts, int steps, double guidance, long seed) {
    public Samples {
        prompts = List.copyOf(prompts);
    }

    static Samples of(Section root) {
        Section s = root.section("samples");
        return new Samples(
                root.whole("sample_every", 0),
                s.texts("prompts"),
                s.integer("steps", 20),
                s.number("guidance", 5),
                s.whole("seed", 0));
    }
}
