package dev.latente.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The earlier model outputs of a multistep method, newest first. */
final class History {
    private History() {}

    /** One output more, and at most {@code length} of them. */
    static List<Tensor> push(Tensor newest, List<Tensor> older, int length) {
        List<Tensor> outputs = new ArrayList<>(List.of(newest));
        outputs.addAll(older.subList(0, Math.min(older.size(), length - 1)));
        return outputs;
    }

    /** What a rule returns: the latents, then what it wants to see again. */
    static List<Tensor> after(Tensor x, List<Tensor> history) {
        return push(x, history, history.size() + 1);
    }
}
