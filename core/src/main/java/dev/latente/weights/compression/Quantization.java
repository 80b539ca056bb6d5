package dev.latente.weights.compression;

import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weight-only quantisation of a model's layers, symmetric, with a scale for each output channel.
 *
 * @param bits 8 or 4
 * @param layers the weights of layers that are quantised, by name; others stay as they are
 */
public record Quantization(int bits, Predicate<String> layers) {
    public Quantization {
        Quantized.most(bits);
    }

    /** Of every layer. */
    public static Quantization of(int bits) {
        return new Quantization(bits, name -> true);
    }

    /** Whether the weight of that name and shape is quantised. */
    public boolean takes(String name, long... shape) {
        return Layers.has(name, Arrays.stream(shape).boxed().toList()) && layers.test(name);
    }

    /**
     * The same weights, those of layers quantised when they are asked for.
     *
     * @throws WeightsException when a weight is asked for that holds a value that is not finite
     */
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
                Quantized weight = quantized(key, shape);
                return weight == null ? source.get(key, shape) : weight.dequantised();
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                if (!takes(key, shape)) {
                    return null;
                }
                try {
                    return Quantized.of(source.get(key, shape), bits);
                } catch (IllegalArgumentException e) {
                    throw new WeightsException(
                            "%s: tensor [%s]: %s".formatted(source.origin(), key, e.getMessage()), e);
                }
            }
        };
    }
}
