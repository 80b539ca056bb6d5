package dev.latente.text;

/** Turns text into token ids and back; immutable and safe for use by many threads. */
public sealed interface Tokenizer permits ClipTokenizer, T5Tokenizer {
    /** The ids of the text alone, without start, end and padding. */
    long[] encode(String text);

    /** The ids with the start and end tokens that the model was trained with. */
    long[] encodeWithEnds(String text);

    /**
     * The ids with start and end tokens, cut to a length (the end token stays) and padded to it.
     *
     * @throws IllegalArgumentException if not even the start and end tokens fit
     */
    PaddedTokens padded(String text, int length);

    /** The text of ids without control tokens; ids that the vocabulary lacks are left out. */
    String decode(long... ids);

    /** The id of the padding. */
    int pad();

    /** The id of a token by its name in the vocabulary, or -1. */
    int id(String token);
}
