package dev.latente.nn;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
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
    private final Set<String> used;
    private final Set<String> ignored;
    private final String prefix;

    private Params(WeightSource source, Arena arena, Set<String> used, Set<String> ignored, String prefix) {
        this.source = source;
        this.arena = arena;
        this.used = used;
        this.ignored = ignored;
        this.prefix = prefix;
    }

    public static Params of(WeightSource source, Arena arena) {
        return new Params(source, arena, new TreeSet<>(), new TreeSet<>(), "");
    }

    public Params at(String name) {
        return new Params(source, arena, used, ignored, prefix + name + ".");
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
     * The weight of that name as whole numbers with scales, owned as it is; null where it is stored as floating point, for
     * {@link #get}.
     *
     * @throws WeightsException if it is missing or has another shape
     */
    public @Nullable Quantized quantized(String name, long... shape) {
        String key = prefix + name;
        used.add(key);
        return Scopes.within(() -> Optional.ofNullable(source.quantized(key, shape))
                        .map(x -> new Quantized(arena.own(x::values), arena.own(x::scales), x.bits())))
                .orElse(null);
    }

    /** A tensor made from weights, such as a fused or re-laid-out one, owned as they are. */
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
