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
        Tensor states = t5.states(prompt, negative, prompt.t5().tokensOr(usualTokens));
        return new Conditioning(states, clip.get(0).pooled());
    }

    @Override
    public FluxContext with(Models changes) {
        return new FluxContext(t5.with(changes), usualTokens);
    }
}
