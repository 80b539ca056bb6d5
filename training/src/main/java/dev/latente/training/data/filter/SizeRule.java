package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.Optional;

/**
 * Leaves out pictures that are too small.
 *
 * @param least pixels of the shorter side
 */
public record SizeRule(int least) implements Rule {
    @Override
    public String name() {
        return "size";
    }

    @Override
    public Optional<String> objection(Example example) {
        int width = example.picture().width();
        int height = example.picture().height();
        return Math.min(width, height) >= least
                ? Optional.empty()
                : Optional.of("%dx%d, the shorter side is below %d".formatted(width, height, least));
    }
}
