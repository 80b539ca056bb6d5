package dev.latente.pipelines;

import org.jspecify.annotations.Nullable;

/**
 * What to draw.
 *
 * @param text what the picture shows
 * @param negative what it must not show; null where nothing is said, which some checkpoints take as zero embeddings
 * @param second text for the second text encoder (SDXL, SD3; in Flux.1 that is T5), or null for the same
 * @param secondNegative likewise
 * @param t5 what T5 reads (SD3, Flux.1)
 * @param clipSkip last layers of the text encoder that are left out for the prompt, not for the negative one; 0 for none
 * @param syntax how the texts are read
 */
public record Prompt(
        String text,
        @Nullable String negative,
        @Nullable String second,
        @Nullable String secondNegative,
        ForT5 t5,
        int clipSkip,
        Syntax syntax) {
    /**
     * What T5 reads, the last text encoder of Stable Diffusion 3 and Flux.1.
     *
     * @param text or null for the prompt
     * @param negative or null for the negative prompt
     * @param tokens how many it reads, with the end; what is longer is cut, what is shorter is filled up; 0 for as many as is
     *     usual with the checkpoint
     */
    public record ForT5(@Nullable String text, @Nullable String negative, int tokens) {
        public static final ForT5 DEFAULT = new ForT5(null, null, 0);

        public ForT5 {
            if (tokens < 0 || tokens > 512) {
                throw new IllegalArgumentException("T5: tokens: got [%d], wanted 1 to 512".formatted(tokens));
            }
        }

        int tokensOr(int usual) {
            return tokens == 0 ? usual : tokens;
        }
    }

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
        return new Prompt(text, null, null, null, ForT5.DEFAULT, 0, Syntax.WEIGHTED);
    }

    /** Another text for all text encoders. */
    public Prompt withText(String value) {
        ForT5 same = new ForT5(null, t5.negative, t5.tokens);
        return new Prompt(value, negative, null, secondNegative, same, clipSkip, syntax);
    }

    public Prompt withNegative(@Nullable String value) {
        return new Prompt(text, value, second, secondNegative, t5, clipSkip, syntax);
    }

    public Prompt withSecond(@Nullable String value, @Nullable String negativeValue) {
        return new Prompt(text, negative, value, negativeValue, t5, clipSkip, syntax);
    }

    public Prompt withT5(ForT5 value) {
        return new Prompt(text, negative, second, secondNegative, value, clipSkip, syntax);
    }

    public Prompt withClipSkip(int value) {
        return new Prompt(text, negative, second, secondNegative, t5, value, syntax);
    }

    public Prompt withSyntax(Syntax value) {
        return new Prompt(text, negative, second, secondNegative, t5, clipSkip, value);
    }

    /** What T5 reads in one of the halves of a guided call. */
    String t5Text(boolean ofNegative) {
        if (!ofNegative) {
            return t5.text == null ? text : t5.text;
        }
        return t5.negative != null ? t5.negative : negative == null ? "" : negative;
    }
}
