package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.Optional;
import java.util.Set;

/**
 * Leaves out examples of which a caption is in another language. Captions whose language cannot be told stay.
 *
 * @param languages ISO 639-1 codes
 */
public record LanguageRule(Set<String> languages) implements Rule {
    public LanguageRule {
        languages = Set.copyOf(languages);
        if (languages.isEmpty() || !Language.known().containsAll(languages)) {
            throw new IllegalArgumentException(
                    "languages: got %s, wanted some of %s".formatted(languages, Language.known()));
        }
    }

    @Override
    public String name() {
        return "language";
    }

    @Override
    public Optional<String> objection(Example example) {
        return example.captions().stream()
                .flatMap(caption -> Language.of(caption).stream())
                .filter(language -> !languages.contains(language))
                .findFirst()
                .map(language -> "a caption in [%s]".formatted(language));
    }
}
