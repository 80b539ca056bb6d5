package dev.latente.nn;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

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

    /** As {@link #get(UnaryOperator, String, long...)}, in equal parts along the first dimension. */
    public List<Tensor> parts(UnaryOperator<Tensor> change, int parts, String name, long... shape) {
        String key = prefix + name;
        used.add(key);
        return Scopes.within(() -> Arrays.stream(Ops.chunk(source.get(key, shape), parts, 0))
                .map(part -> arena.own(() -> change.apply(part)))
                .toList());
    }

    /** A tensor made from weights, owned as they are. */
    public Tensor derive(Supplier<Tensor> body) {
        return arena.own(body);
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
