package dev.latente.cli;

import dev.latente.mundo.Subject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a word is measured that the model was taught, and what it means. */
final class WordOptions {
    @Option(names = "--word", paramLabel = "WORD")
    @Nullable
    String word;

    @Option(names = "--subject", paramLabel = "NAME")
    @Nullable
    String subject;

    /** A word and what it means. */
    record Word(String text, Subject subject) {}

    /** Null where no word is measured. */
    @Nullable
    Word of() {
        if (word == null && subject == null) {
            return null;
        }
        if (word == null || word.isBlank() || subject == null) {
            throw new IllegalArgumentException(Main.message("word.alone"));
        }
        return new Word(word, subject(subject));
    }

    private static Subject subject(String name) {
        return Arrays.stream(Subject.values())
                .filter(s -> s.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("--subject: got [%s], wanted one of %s".formatted(name, names())));
    }

    private static List<String> names() {
        return Arrays.stream(Subject.values())
                .map(s -> s.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
