package dev.latente.pipelines;

import dev.latente.models.clip.PromptWeighting;
import dev.latente.models.t5.T5Encoder;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.text.PromptChunk;
import dev.latente.text.T5Tokenizer;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A T5 encoder with its tokenizer. Thread-safe. */
record T5Reader(T5Tokenizer tokenizer, Built<T5Encoder> built, Device device) {
    /** The states of so many tokens of what it reads of a prompt [1,tokens,d]. */
    Tensor states(Prompt prompt, boolean negative, int tokens) {
        String text = prompt.t5Text(negative);
        PromptChunk chunk = prompt.syntax() == Prompt.Syntax.PLAIN
                ? PromptChunk.plain(tokenizer, text, tokens)
                : PromptChunk.first(tokenizer, text, tokens);
        List<PromptChunk> one = List.of(chunk);
        Tensor states = built.model()
                .forward(Ops.to(PromptWeighting.ids(one), device), null)
                .lastHiddenState();
        return chunk.weighted() ? PromptWeighting.weightedRestoringMean(states, PromptWeighting.weights(one)) : states;
    }

    /** The same with what is laid over its weights. */
    T5Reader with(Models changes) {
        return new T5Reader(tokenizer, changes.changed(built), device);
    }
}
