package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextModel;
import dev.latente.text.ClipTokenizer;

/** A CLIP text encoder with its tokenizer. */
record TextEncoder(ClipTokenizer tokenizer, ClipTextModel model) {
    /** How many tokens are read at once, with start and end. */
    int window() {
        return (int) Math.min(model.config().positions(), tokenizer.maxLength());
    }
}
