package dev.latente.weights;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;

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

    /** Where they come from, for messages: a file, a folder. */
    default String origin() {
        return "weights";
    }
}
