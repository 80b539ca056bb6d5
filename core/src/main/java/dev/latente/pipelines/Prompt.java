package dev.latente.pipelines;

import org.jspecify.annotations.Nullable;

/**
 * What to draw.
 *
 * @param text what the picture shows
 * @param negative what it must not show; null where nothing is said, which some checkpoints take as zero embeddings
 * @param second text for the second text encoder (SDXL), or null for the same
 * @param secondNegative likewise
 * @param clipSkip last layers of the text encoder that are left out for the prompt, not for the negative one; 0 for none
 * @param syntax how the texts are read
 */
public record Prompt(
        String text,
        @Nullable String negative,
        @Nullable String second,
        @Nullable String secondNegative,
        int clipSkip,
        Syntax syntax) {
    public Prompt {
        if (clipSkip < 0) {
            throw new IllegalArgumentException("clip skip [%d] is negative".formatted(clipSkip));
        }
    }

    /** How a text becomes tokens. */
    public enum Syntax {
        /** AUTOMATIC1111's grammar: weights, {@code BREAK}, changes during the run; long texts in chunks of the encoder's window. */
        WEIGHTED,
        /** Every character as it is, cut to the encoder's window, as the reference pipelines do: CLIP's holds 75 tokens. */
        PLAIN
    }

    public static Prompt of(String text) {
        return new Prompt(text, null, null, null, 0, Syntax.WEIGHTED);
    }

    public Prompt withText(String value) {
        return new Prompt(value, negative, null, secondNegative, clipSkip, syntax);
    }

    public Prompt withNegative(@Nullable String value) {
        return new Prompt(text, value, second, secondNegative, clipSkip, syntax);
    }

    public Prompt withSecond(@Nullable String value, @Nullable String negativeValue) {
        return new Prompt(text, negative, value, negativeValue, clipSkip, syntax);
    }

    public Prompt withClipSkip(int value) {
        return new Prompt(text, negative, second, secondNegative, value, syntax);
    }

    public Prompt withSyntax(Syntax value) {
        return new Prompt(text, negative, second, secondNegative, clipSkip, value);
    }
}
