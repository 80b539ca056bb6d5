package dev.latente.text;

/**
 * A run of a prompt and the factor of its tokens' states. A hard break between chunks is the text {@code BREAK} of weight
 * -1, as AUTOMATIC1111's web UI writes it.
 */
public record WeightedText(String text, double weight) {
    static final WeightedText BREAK = new WeightedText("BREAK", -1);

    /** Whether this is no text but the end of a chunk. */
    public boolean isBreak() {
        return equals(BREAK);
    }
}
