package dev.latente.weights.compression;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Unstructured magnitude pruning of a model's layers (Han et al. 2015, "Learning both Weights and Connections", section 3): the
 * smallest weights become zero, and so does every weight as small as the largest of them.
 *
 * @param thresholds the largest absolute value that becomes zero, by the names of the weights
 */
public record Pruning(Map<String, Float> thresholds) {
    public Pruning {
        thresholds = Map.copyOf(thresholds);
    }

    /** Takes the same fraction of each weight; {@code layers} are names and shapes, as of a model. */
    public static Pruning perTensor(WeightSource source, Map<String, List<Long>> layers, double fraction) {
        Map<String, Float> thresholds = new HashMap<>();
        layers.forEach((name, shape) -> {
            long k = count(fraction, elements(shape));
            if (k > 0) {
                thresholds.put(name, Magnitudes.smallest(List.of(weight(source, name, shape)), k));
            }
        });
        return new Pruning(thresholds);
    }

    /** Takes a fraction of all the weights together, so that layers of small weights lose more. */
    public static Pruning global(WeightSource source, Map<String, List<Long>> layers, double fraction) {
        Map<String, Supplier<Tensor>> weights = new LinkedHashMap<>();
        layers.forEach((name, shape) -> weights.put(name, weight(source, name, shape)));
        long k = count(
                fraction, layers.values().stream().mapToLong(Pruning::elements).sum());
        if (k == 0) {
            return new Pruning(Map.of());
        }
        float threshold = Magnitudes.smallest(List.copyOf(weights.values()), k);
        Map<String, Float> thresholds = new HashMap<>();
        weights.keySet().forEach(name -> thresholds.put(name, threshold));
        return new Pruning(thresholds);
    }

    /** How many of n weights a fraction is; halves are rounded to even. */
    static long count(double fraction, long n) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException(
                    "fraction: got [%s], wanted at least 0 and less than 1".formatted(fraction));
        }
        return (long) Math.rint(fraction * n);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    private static Supplier<Tensor> weight(WeightSource source, String name, List<Long> shape) {
        long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
        return () -> source.get(name, dims);
    }

    /** The same weights, with zeros. */
    public WeightSource over(WeightSource source) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return source.keys();
            }

            @Override
            public String origin() {
                return source.origin();
            }

            @Override
            public Tensor get(String key, long... shape) {
                Tensor weight = source.get(key, shape);
                Float threshold = thresholds.get(key);
                if (threshold == null) {
                    return weight;
                }
                // What is larger than a float is at least the next one.
                return weight.mul(Ops.atLeast(Ops.to(weight, DType.F32).abs(), Math.nextUp(threshold)));
            }
        };
    }
}
