package dev.latente.nn;

import dev.latente.tensor.Arena;
import dev.latente.tensor.ConvOp;
import dev.latente.tensor.LinearOp;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights that a model is built with, at a path: {@code at("down_blocks").at(0).get("weight", 320, 4, 3, 3)}. What it
 * hands out is owned by the arena, so a layer may keep it in a field. Not thread-safe; models are built by one thread.
 */
public final class Params {
    private final WeightSource source;
    private final Arena arena;
    private final WeightLayout layout;
    private final Kept kept;
    private final boolean later;
    private final Set<String> used;
    private final Set<String> ignored;
    private final String prefix;

    private Params(
            WeightSource source,
            Arena arena,
            WeightLayout layout,
            Kept kept,
            boolean later,
            Set<String> used,
            Set<String> ignored,
            String prefix) {
        this.source = source;
        this.arena = arena;
        this.layout = layout;
        this.kept = kept;
        this.later = later;
        this.used = used;
        this.ignored = ignored;
        this.prefix = prefix;
    }

    /** Weights as they are, which a gradient may reach. */
    public static Params of(WeightSource source, Arena arena) {
        return of(source, arena, WeightLayout.PLAIN);
    }

    /** Weights of linear maps and convolutions in a layout. */
    public static Params of(WeightSource source, Arena arena, WeightLayout layout) {
        return of(source, arena, layout, Room.unlimited());
    }

    /**
     * As {@link #of(WeightSource, Arena, WeightLayout)}, of which as many stay in memory as there is room for. Unless all are
     * made at once, the source is asked for them by the threads that compute, and must be there as long as the model is.
     */
    public static Params of(WeightSource source, Arena arena, WeightLayout layout, Room room) {
        return of(source, arena, layout, Kept.in(room));
    }

    /** As above; what the model keeps is noted in {@code kept}, and taken from it where it is there already. */
    public static Params of(WeightSource source, Arena arena, WeightLayout layout, Kept kept) {
        return new Params(source, arena, layout, kept, false, new TreeSet<>(), new TreeSet<>(), "");
    }

    public WeightLayout layout() {
        return layout;
    }

    public Params at(String name) {
        return new Params(source, arena, layout, kept, later, used, ignored, prefix + name + ".");
    }

    /** The same, of which nothing large is made before it is first used; the source must be there as long as the model is. */
    public Params later() {
        return new Params(source, arena, layout, kept, true, used, ignored, prefix);
    }

    public Params at(int index) {
        return at(Integer.toString(index));
    }

    /**
     * The weight of that name below this path, which stays in memory.
     *
     * @throws WeightsException if it is missing or has another shape
     */
    public Tensor get(String name, long... shape) {
        String key = prefix + name;
        used.add(key);
        return kept.tensor(key, () -> arena.own(() -> source.get(key, shape)));
    }

    /**
     * The linear map of {@code weight} [out,in] at this path, by kernels for the way in which it is stored and laid out.
     *
     * @param withBias whether there is a {@code bias} [out]
     * @param stored shape of the weight in files, of as many numbers
     */
    Held<LinearOp> linear(long out, long in, boolean withBias, long... stored) {
        return held(
                prefix + "weight", stored, maps(1, out, in, withBias, stored).andThen(maps -> maps.get(0)));
    }

    /** As {@link #linear}, as maps to equal parts of the outputs. */
    Held<List<LinearOp>> linears(int parts, long out, long in, boolean withBias, long... stored) {
        return held(prefix + "weight", stored, maps(parts, out, in, withBias, stored));
    }

    private Function<Arena, List<LinearOp>> maps(int parts, long out, long in, boolean withBias, long... stored) {
        Tensor bias = withBias ? get("bias", out) : null;
        long size = out / parts;
        List<Rows> rows = new ArrayList<>();
        for (long from = 0; from < out; from += size) {
            long first = from;
            rows.add(new Rows(from, size, bias == null ? null : arena.own(() -> bias.narrow(0, first, size))));
        }
        String key = prefix + "weight";
        return owner -> Scopes.within(() -> {
            Quantized numbers = quantized(key, stored);
            if (numbers != null) {
                Quantized matrix = numbers.view(out, in);
                return rows.stream().map(part -> part.int8(matrix, owner)).toList();
            }
            Tensor weight = stored(key, stored).view(out, in);
            return rows.stream().map(part -> part.of(weight, layout, owner)).toList();
        });
    }

    /** Some of the outputs of a linear map. */
    private record Rows(long from, long count, @Nullable Tensor bias) {
        LinearOp of(Tensor weight, WeightLayout layout, Arena owner) {
            return LinearOp.of(owner.own(() -> layout.linear(weight.narrow(0, from, count))), bias);
        }

        LinearOp int8(Quantized weight, Arena owner) {
            Quantized part = weight.narrow(from, count);
            return LinearOp.int8(part.values(), part.scales(), bias, owner);
        }
    }

    /** The convolution of {@code weight} [out,in,k,k] at this path, as {@link #linear}. */
    Held<ConvOp> conv(long stride, long padding, long... shape) {
        String key = prefix + "weight";
        return held(
                key,
                shape,
                owner -> Scopes.within(() -> {
                    Quantized numbers = quantized(key, shape);
                    return numbers == null
                            ? ConvOp.of(
                                    owner.own(() -> layout.conv(stored(key, shape), stride, padding)), stride, padding)
                            : int8(numbers, stride, padding, owner);
                }));
    }

    /** Convolutions of stride 1 by kernels that are made of the {@code weight} [out,in,k,k] at this path. */
    Held<List<ConvOp>> convs(long padding, List<UnaryOperator<Tensor>> kernels, long... shape) {
        String key = prefix + "weight";
        return held(
                key,
                shape,
                owner -> Scopes.within(() -> {
                    Quantized numbers = quantized(key, shape);
                    List<ConvOp> made = numbers == null
                            ? prepared(Ops.channelsLast(source.get(key, shape)), kernels, padding, owner)
                            : kernels.stream()
                                    .map(kernel -> Scopes.within(() -> int8(
                                            Quantized.of(kernel.apply(numbers.dequantised()), Byte.SIZE),
                                            1,
                                            padding,
                                            owner)))
                                    .toList();
                    Memory.trim(); // several times the weight
                    return made;
                }));
    }

    private List<ConvOp> prepared(Tensor weight, List<UnaryOperator<Tensor>> kernels, long padding, Arena owner) {
        return kernels.stream()
                .map(kernel -> owner.own(() -> layout.conv(kernel.apply(weight), 1, padding)))
                .map(made -> ConvOp.of(made, 1, padding))
                .toList();
    }

    private static ConvOp int8(Quantized numbers, long stride, long padding, Arena owner) {
        return ConvOp.int8(numbers.values(), numbers.scales(), stride, padding, owner);
    }

    /** A weight that is laid out anew, unless the layout is that of files. */
    private Tensor stored(String key, long... shape) {
        return layout == WeightLayout.PREPARED ? source.lend(key, shape) : source.get(key, shape);
    }

    /** A weight that is as large as those of maps, as it is. */
    Held<Tensor> table(String name, long... shape) {
        String key = prefix + name;
        return held(key, shape, owner -> owner.own(() -> source.get(key, shape)));
    }

    /** What is made of a weight: kept where there is room, else made at each use. */
    private <T> Held<T> held(String key, long[] shape, Function<Arena, T> maker) {
        used.add(key);
        return kept.held(key, later, arena, maker, () -> source.require(key, shape));
    }

    /** The whole numbers of a weight, where they are stored and there is arithmetic for them. */
    private @Nullable Quantized quantized(String key, long... shape) {
        return layout == WeightLayout.PREPARED && LinearOp.runsInt8() ? source.quantized(key, shape) : null;
    }

    /** Says that files may hold a tensor of that name which the model does not need, such as a buffer of positions. */
    public void ignore(String name) {
        ignored.add(prefix + name);
    }

    /** The names that were asked for so far, by every model built from the same root. */
    public Set<String> used() {
        return Set.copyOf(used);
    }

    /**
     * Says which weights nobody asked for.
     *
     * @throws WeightsException if there are any
     */
    public void requireAllUsed() {
        Set<String> left = new TreeSet<>(source.keys());
        left.removeAll(used);
        left.removeAll(ignored);
        if (!left.isEmpty()) {
            throw new WeightsException("%s: %d weights are left over, the first is [%s]"
                    .formatted(source.origin(), left.size(), left.iterator().next()));
        }
    }

    @Override
    public String toString() {
        return prefix;
    }
}
