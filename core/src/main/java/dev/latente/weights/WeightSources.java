package dev.latente.weights;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.WeightLayout;
import dev.latente.tensor.Workspace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Sources that need no file, and decorators of those that do. */
public final class WeightSources {
    /** Prime, so that the repetition falls on other rows of every matrix. */
    private static final long TABLE = 1_048_573;

    private WeightSources() {}

    /** Weights without data: for the shapes alone. */
    public static WeightSource meta() {
        return any((key, shape) -> Ops.empty(DType.F32, Device.META, shape));
    }

    /** Name and shape of every weight that a model is built with; {@code build} makes the model from the source. */
    public static Map<String, List<Long>> shapes(Consumer<WeightSource> build) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        build.accept(any((key, shape) -> {
            shapes.put(key, Arrays.stream(shape).boxed().toList());
            return meta().get(key, shape);
        }));
        return shapes;
    }

    /** Small normal weights that depend on the seed and the name only. */
    public static WeightSource random(long seed) {
        return any((key, shape) -> {
            try (Rng rng = new Rng(seed * 31 + key.hashCode())) {
                return scaled(rng.normal(shape), key, shape);
            }
        });
    }

    /**
     * As {@link #random}, but each weight is made of the same million numbers, again and again: as fast as memory, for
     * measuring models of full size.
     */
    public static WeightSource repeating(long seed, Arena arena) {
        Tensor table = arena.own(() -> {
            try (Rng rng = new Rng(seed)) {
                return rng.normal(TABLE);
            }
        });
        return any((key, shape) -> {
            long n = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            Tensor values = table.repeat((n + TABLE - 1) / TABLE).narrow(0, 0, n);
            return scaled(values.view(shape), key, shape);
        });
    }

    /** Vectors are biases and normalisation weights; matrices keep the variance of what passes through them. */
    private static Tensor scaled(Tensor normal, String key, long[] shape) {
        long fanIn = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
        return shape.length < 2
                ? Ops.add(Ops.mul(normal, 0.02), key.endsWith("bias") ? 0 : 1)
                : Ops.div(normal, Math.sqrt((double) fanIn));
    }

    /** The same weights in another dtype on another device; integers keep their dtype, and so do quantised weights. */
    public static WeightSource cast(WeightSource source, DType dtype, Device device) {
        return cast(source, dtype, device, null);
    }

    /** As {@link #cast(WeightSource, DType, Device)}; what is {@linkplain WeightSource#lend lent} lies in a workspace. */
    public static WeightSource cast(WeightSource source, DType dtype, Device device, @Nullable Workspace workspace) {
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
                Tensor x = source.get(key, shape);
                return Ops.to(x, Ops.dtype(x).isFloating() ? dtype : Ops.dtype(x), device);
            }

            @Override
            public Tensor lend(String key, long... shape) {
                return workspace != null && WeightLayout.PREPARED.prepares(dtype, device)
                        ? workspace.cast(source.get(key, shape), dtype)
                        : get(key, shape);
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                Quantized x = source.quantized(key, shape);
                return x == null ? null : x.to(device);
            }

            @Override
            public void require(String key, long... shape) {
                source.require(key, shape);
            }
        };
    }

    /** The same weights under other names: {@code stored} gives the name in the source of a name that is asked for. */
    public static WeightSource renamed(WeightSource source, UnaryOperator<String> stored) {
        return new WeightSource() {
            /** Empty: a function cannot be read backwards. */
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return source.get(stored.apply(key), shape);
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                return source.quantized(stored.apply(key), shape);
            }
        };
    }

    /** The weights whose names begin with a prefix, without it. */
    public static WeightSource below(WeightSource source, String prefix) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return source.keys().stream()
                        .filter(k -> k.startsWith(prefix))
                        .map(k -> k.substring(prefix.length()))
                        .collect(Collectors.toUnmodifiableSet());
            }

            @Override
            public String origin() {
                return source.origin();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return source.get(prefix + key, shape);
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                return source.quantized(prefix + key, shape);
            }
        };
    }

    /** Weights of several sources, each of which has those below its prefix: the opposite of {@link #below}. */
    public static WeightSource joined(Map<String, WeightSource> sources) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return sources.entrySet().stream()
                        .flatMap(e -> e.getValue().keys().stream().map(k -> e.getKey() + k))
                        .collect(Collectors.toUnmodifiableSet());
            }

            @Override
            public Tensor get(String key, long... shape) {
                Map.Entry<String, WeightSource> owner = owner(key);
                return owner.getValue().get(key.substring(owner.getKey().length()), shape);
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                Map.Entry<String, WeightSource> owner = owner(key);
                return owner.getValue().quantized(key.substring(owner.getKey().length()), shape);
            }

            private Map.Entry<String, WeightSource> owner(String key) {
                return sources.entrySet().stream()
                        .filter(each -> key.startsWith(each.getKey()))
                        .findFirst()
                        .orElseThrow(() -> new WeightsException("weights: [%s] is missing".formatted(key)));
            }
        };
    }

    private interface Maker {
        Tensor make(String key, long[] shape);
    }

    private static WeightSource any(Maker maker) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return maker.make(key, shape);
            }
        };
    }
}
