package dev.latente.nn;

import dev.latente.tensor.Arena;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** Which weights a model has: what its constructor asks for, found out without any data. */
public final class Shapes {
    private Shapes() {}

    /**
     * Names and shapes in the order in which they are asked for.
     *
     * @param constructor such as {@code p -> new UNet2DCondition(p, config)}
     */
    public static Map<String, long[]> of(Consumer<Params> constructor) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        WeightSource meta = WeightSources.meta();
        WeightSource recorder = new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                shapes.put(key, shape.clone());
                return meta.get(key, shape);
            }
        };
        try (Arena arena = new Arena()) {
            constructor.accept(Params.of(recorder, arena));
        }
        return shapes;
    }
}
