package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.Locale;
import java.util.Optional;

/**
 * Leaves out panoramas and strips.
 *
 * @param most longest side over shortest
 */
public record AspectRule(double most) implements Rule {
    public AspectRule {
        if (!(most >= 1)) {
            throw new IllegalArgumentException("aspect ratio: got [%s], wanted 1 or more".formatted(most));
        }
    }

    @Override
    public String name() {
        return "aspect";
    }

    @Override
    public Optional<String> objection(Example example) {
        int width = example.picture().width();
        int height = example.picture().height();
        double ratio = (double) Math.max(width, height) / Math.min(width, height);
        return ratio <= most
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "%dx%d, a ratio of %.2f", width, height, ratio));
    }
}
