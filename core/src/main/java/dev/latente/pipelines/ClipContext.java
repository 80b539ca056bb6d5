package dev.latente.pipelines;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The states of all encoders side by side.
 *
 * @param pooled whether the network also takes the pooled vector of the last encoder (SDXL)
 */
record ClipContext(boolean pooled) implements Context {
    @Override
    public boolean beforeLast() {
        return pooled;
    }

    @Override
    public Conditioning join(Prompt prompt, boolean negative, List<Read> clip) {
        Tensor states = Ops.cat(-1, clip.stream().map(Read::states).toArray(Tensor[]::new));
        return new Conditioning(states, pooled ? clip.get(clip.size() - 1).projected() : null);
    }

    @Override
    public ClipContext with(Models changes) {
        return this;
    }
}
