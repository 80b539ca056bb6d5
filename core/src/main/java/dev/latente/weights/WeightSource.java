package dev.latente.weights;

import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Where weights come from. Decorators ({@link WeightSources}) compose: mapped, cast, merged with an adapter. */
public interface WeightSource {
    /** The names it knows, so that what nobody asked for can be reported; empty where any name will do. */
    Set<String> keys();

    /**
     * The weight of that name, in the caller's scope.
     *
     * @throws WeightsException if it is missing or has another shape
     */
    Tensor get(String key, long... shape);

    /**
     * As {@link #get}, for a weight that is laid out anew at once ({@link WeightLayout#PREPARED}): the next call may
     * overwrite it.
     *
     * @throws WeightsException as {@code get} does
     */
    default Tensor lend(String key, long... shape) {
        return get(key, shape);
    }

    /**
     * The same weight as whole numbers with scales, in the caller's scope, for arithmetic that works with them. Null where it
     * is not stored so, or is no longer what is stored, as under a LoRA; {@link #get} gives it multiplied out.
     *
     * @throws WeightsException as {@code get} does
     */
    default @Nullable Quantized quantized(String key, long... shape) {
        return null;
    }

    /**
     * Makes sure that {@link #get} has the weight; reads it only where the source cannot say so otherwise.
     *
     * @throws WeightsException if it is missing or has another shape
     */
    default void require(String key, long... shape) {
        Scopes.run(() -> get(key, shape));
    }

    /** Where they come from, for messages: a file, a folder. */
    default String origin() {
        return "weights";
    }
}
