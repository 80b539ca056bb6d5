package dev.latente.pipelines;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The states of T5, and the pooled vector of CLIP, which nothing projects.
 *
 * @param usualTokens how many T5 reads where a prompt does not say
 */
record FluxContext(T5Reader t5, int usualTokens) implements Context {
    @Override
    public boolean beforeLast() {
        return false;
    }

    @Override
    public Conditioning join(Prompt prompt, boolean negative, List<Read> clip) {
        Tensor states = t5.states(toSecond(prompt), negative, prompt.t5().tokensOr(usualTokens));
        return new Conditioning(states, clip.get(0).pooled());
    }

    /** T5 is the second text encoder here: what is for that is for T5, unless T5 is given a text of its own. */
    private static Prompt toSecond(Prompt prompt) {
        Prompt.ForT5 t5 = prompt.t5();
        return prompt.withT5(new Prompt.ForT5(
                t5.text() == null ? prompt.second() : t5.text(),
                t5.negative() == null ? prompt.secondNegative() : t5.negative(),
                t5.tokens()));
    }

    @Override
    public FluxContext with(Models changes) {
        return new FluxContext(t5.with(changes), usualTokens);
    }
}
