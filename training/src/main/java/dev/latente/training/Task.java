package dev.latente.training;

import dev.latente.weights.WeightSource;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What is learnt: a loss of the weights on the data of a step. Builds its model anew from the weights it is given. */
@FunctionalInterface
public interface Task {
    /**
     * A loss and what it consists of.
     *
     * @param total scalar that is differentiated
     * @param terms scalars for the log, by name
     */
    record Loss(Tensor total, Map<String, Tensor> terms) {
        public static Loss of(Tensor total) {
            return new Loss(total, Map.of());
        }
    }

    /**
     * The mean loss over one micro-batch. Depends on its arguments only, so that a resumed run repeats it exactly.
     *
     * @param weights with their gradients' paths, in the dtype to compute in
     */
    Loss loss(WeightSource weights, Turn turn);
}
