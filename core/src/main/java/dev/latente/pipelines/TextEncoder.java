package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextModel;
import dev.latente.text.ClipTokenizer;

/** A CLIP text encoder with its tokenizer. */
record TextEncoder(ClipTokenizer tokenizer, Built<ClipTextModel> built) {
    ClipTextModel model() {
        return built.model();
    }

    /** How many tokens are read at once, with start and end. */
    int window() {
        return (int) Math.min(model().config().positions(), tokenizer.maxLength());
    }

    /** The same with what is laid over its weights. */
    TextEncoder with(Models changes) {
        return new TextEncoder(tokenizer, changes.changed(built));
    }
}
