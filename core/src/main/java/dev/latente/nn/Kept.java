package dev.latente.nn;

import dev.latente.tensor.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a model keeps of its weights, by their names: so that another model of the same shape, some of whose weights are
 * others, is built of what they share and of what is changed alone. Filled by the thread that builds the model, then
 * thread-safe.
 */
public final class Kept {
    private final Room room;
    private final @Nullable Kept base;
    private final Set<String> changed;
    private final Map<String, Tensor> tensors = new HashMap<>();
    /** By weight, in the order of asking: some weights are laid out in two ways. */
    private final Map<String, List<Held<?>>> held = new HashMap<>();

    private Kept(Room room, @Nullable Kept base, Set<String> changed) {
        this.room = room;
        this.base = base;
        this.changed = changed;
    }

    /** For a model of which as many weights are kept as there is room for. */
    public static Kept in(Room room) {
        return new Kept(room, null, Set.of());
    }

    /**
     * For a model that has other weights of these names, and otherwise the same. What it shares is owned by the arena of this
     * one, which must live as long.
     */
    public Kept but(Set<String> weights) {
        return new Kept(room, this, Set.copyOf(weights));
    }

    /** A weight that stays in memory. */
    Tensor tensor(String key, Supplier<Tensor> maker) {
        Tensor shared = base == null || changed.contains(key) ? null : base.tensors.get(key);
        Tensor tensor = shared == null ? maker.get() : shared;
        tensors.put(key, tensor);
        return tensor;
    }

    /**
     * What is made of a weight: kept where there is room, else made at each use.
     *
     * @param arena that is to own what is kept
     * @param require makes sure that there is such a weight
     */
    <T> Held<T> held(String key, Arena arena, Function<Arena, T> maker, Runnable require) {
        List<Held<?>> before = held.computeIfAbsent(key, k -> new ArrayList<>());
        Held<T> made = base == null
                ? fresh(arena, maker, require)
                : over(base.of(key, before.size()), key, arena, maker, require);
        before.add(made);
        return made;
    }

    private <T> Held<T> fresh(Arena arena, Function<Arena, T> maker, Runnable require) {
        if (room.isUnlimited()) {
            return Held.kept(maker.apply(arena));
        }
        if (room.isLeft()) {
            try (Arena own = new Arena()) {
                T made = maker.apply(own);
                if (room.take(own.bytes())) {
                    arena.adopt(own);
                    return Held.kept(made);
                }
            }
        } else {
            require.run();
        }
        return Held.made(maker);
    }

    /** What another model has, or its like of the weight that is changed: kept if the other one is. */
    private <T> Held<T> over(Held<T> other, String key, Arena arena, Function<Arena, T> maker, Runnable require) {
        // What computes with a weight has its bias built in.
        if (!changed.contains(key) && !changed.contains(key.replaceFirst("weight$", "bias"))) {
            return other;
        }
        if (other.isKept()) {
            return Held.kept(maker.apply(arena));
        }
        require.run();
        return Held.made(maker);
    }

    /** The models are built by the same constructor, so what was asked for is of the same type. */
    @SuppressWarnings("unchecked")
    private <T> Held<T> of(String key, int index) {
        return (Held<T>) held.getOrDefault(key, List.of()).get(index);
    }
}
