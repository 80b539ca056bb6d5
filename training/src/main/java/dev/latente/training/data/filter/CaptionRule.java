package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.Optional;

/**
 * Leaves out pictures of which too little is said.
 *
 * @param least characters of the longest caption
 */
public record CaptionRule(int least) implements Rule {
    @Override
    public String name() {
        return "caption";
    }

    @Override
    public Optional<String> objection(Example example) {
        int longest = example.captions().stream()
                .mapToInt(c -> c.codePointCount(0, c.length()))
                .max()
                .orElse(0);
        return longest >= least
                ? Optional.empty()
                : Optional.of("the longest caption has %d characters".formatted(longest));
    }
}
