package dev.latente.nn;

import dev.latente.tensor.Arena;
import dev.latente.tensor.ConvOp;
import dev.latente.tensor.LinearOp;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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
    private final Set<String> used;
    private final Set<String> ignored;
    private final String prefix;

    private Params(
            WeightSource source,
            Arena arena,
            WeightLayout layout,
            Set<String> used,
            Set<String> ignored,
            String prefix) {
        this.source = source;
        this.arena = arena;
        this.layout = layout;
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
        return new Params(source, arena, layout, new TreeSet<>(), new TreeSet<>(), "");
    }

    public WeightLayout layout() {
        return layout;
    }

    public Params at(String name) {
        return new Params(source, arena, layout, used, ignored, prefix + name + ".");
    }

    public Params at(int index) {
        return at(Integer.toString(index));
    }

    /**
     * The weight of that name below this path.
     *
     * @throws WeightsException if it is missing or has another shape
     */
    public Tensor get(String name, long... shape) {
        return get(x -> x, name, shape);
    }

    /** As {@link #get(String, long...)}, changed, such as laid out anew; the weight as it was stored is not kept. */
    public Tensor get(UnaryOperator<Tensor> change, String name, long... shape) {
        String key = prefix + name;
        used.add(key);
        return arena.own(() -> change.apply(source.get(key, shape)));
    }

    /**
     * The linear map of {@code weight} [out,in] at this path, by kernels for the way in which it is stored and laid out.
     *
     * @param withBias whether there is a {@code bias} [out]
     * @param stored shape of the weight in files, of as many numbers
     */
    LinearOp linear(long out, long in, boolean withBias, long... stored) {
        return linears(1, out, in, withBias, stored).get(0);
    }

    /** As {@link #linear}, as maps to equal parts of the outputs. */
    List<LinearOp> linears(int parts, long out, long in, boolean withBias, long... stored) {
        String key = prefix + "weight";
        used.add(key);
        Tensor bias = withBias ? get("bias", out) : null;
        long size = out / parts;
        return Scopes.within(() -> {
            Quantized numbers = quantized(key, stored);
            Tensor weight = numbers == null ? source.get(key, stored).view(out, in) : null;
            List<LinearOp> maps = new ArrayList<>();
            for (long from = 0; from < out; from += size) {
                long first = from;
                Tensor part = bias == null ? null : arena.own(() -> bias.narrow(0, first, size));
                if (numbers != null) {
                    Quantized rows = numbers.view(out, in).narrow(first, size);
                    maps.add(LinearOp.int8(rows.values(), rows.scales(), part, arena));
                } else {
                    maps.add(LinearOp.of(
                            arena.own(() ->
                                    layout.linear(Objects.requireNonNull(weight).narrow(0, first, size))),
                            part));
                }
            }
            return maps;
        });
    }

    /** The convolution of {@code weight} [out,in,k,k] at this path, as {@link #linear}. */
    ConvOp conv(long stride, long padding, long... shape) {
        String key = prefix + "weight";
        used.add(key);
        return Scopes.within(() -> {
            Quantized numbers = quantized(key, shape);
            return numbers == null
                    ? ConvOp.of(get(w -> layout.conv(w, stride, padding), "weight", shape), stride, padding)
                    : ConvOp.int8(numbers.values(), numbers.scales(), stride, padding, arena);
        });
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
