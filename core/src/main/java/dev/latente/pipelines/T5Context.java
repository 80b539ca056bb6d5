package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The states of both CLIP encoders side by side, filled up with zeros, then those of T5; and the pooled vectors side by side
 * (Esser et al. 2024, section 4 and figure 2a). Without T5 its states are zeros, as they were in a part of the training.
 *
 * @param t5 or null
 * @param size of a state
 */
record T5Context(@Nullable T5Reader t5, long size, Device device) implements Context {
    /** As many as it was trained with. */
    private static final int TOKENS = 256;

    @Override
    public boolean beforeLast() {
        return true;
    }

    @Override
    public Conditioning join(Prompt prompt, boolean negative, List<Read> clip) {
        Tensor beside = Ops.cat(-1, clip.stream().map(Read::states).toArray(Tensor[]::new)); // [1,n,d]
        Tensor filled = Functional.pad(beside, 0, size - beside.size(2), 0, 0);
        Tensor[] pooled = clip.stream().map(Read::projected).toArray(Tensor[]::new);
        for (Tensor vector : pooled) {
            if (vector == null) {
                throw new IllegalArgumentException(
                        "text encoder: got one without text_projection.weight, wanted CLIP's with it, as Stable Diffusion 3 has it");
            }
        }
        Tensor read = Ops.to(read(prompt, negative), Ops.dtype(filled));
        return new Conditioning(Ops.cat(1, filled, read), Ops.cat(-1, pooled));
    }

    @Override
    public T5Context with(Models changes) {
        return t5 == null ? this : new T5Context(t5.with(changes), size, device);
    }

    /** The states of the text [1,n,size]. */
    private Tensor read(Prompt prompt, boolean negative) {
        int n = prompt.t5().tokensOr(TOKENS);
        return t5 == null ? Ops.zeros(DType.F32, device, 1, n, size) : t5.states(prompt, negative, n);
    }
}
