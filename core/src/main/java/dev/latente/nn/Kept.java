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
public final class Kept implements AutoCloseable {
    private final Room.Tenant room;
    private final @Nullable Kept base;
    private final Set<String> changed;
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final List<Held<?>> own = new ArrayList<>();

    /** By weight, in the order of asking: some weights are laid out in two ways. */
    private final Map<String, List<Held<?>>> held = new HashMap<>();

    private Kept(Room.Tenant room, @Nullable Kept base, Set<String> changed) {
        this.room = room;
        this.base = base;
        this.changed = changed;
    }

    /** For a model of which as many weights are kept as there is room for. */
    public static Kept in(Room room) {
        return new Kept(room.enter(), null, Set.of());
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
     * @param later whether it is not made before it is first used
     * @param arena that is to own what stays
     * @param require makes sure that there is such a weight
     */
    <T> Held<T> held(String key, boolean later, Arena arena, Function<Arena, T> maker, Runnable require) {
        List<Held<?>> before = held.computeIfAbsent(key, k -> new ArrayList<>());
        Held<T> made =
                base == null || isChanged(key) ? fresh(later, arena, maker, require) : base.of(key, before.size());
        before.add(made);
        return made;
    }

    /** What computes with a weight has its bias built in. */
    private boolean isChanged(String key) {
        return changed.contains(key) || changed.contains(key.replaceFirst("weight$", "bias"));
    }

    private <T> Held<T> fresh(boolean later, Arena arena, Function<Arena, T> maker, Runnable require) {
        if (room.atOnce() && !later) {
            return Held.kept(arena, maker);
        }
        require.run();
        Held<T> made = room.atOnce() ? Held.later(arena, maker) : Held.in(room, maker);
        own.add(made);
        return made;
    }

    /** Frees what came and stayed as long as there was room; nothing may compute with it any more. */
    @Override
    public void close() {
        room.dismiss(own);
    }

    /** The models are built by the same constructor, so what was asked for is of the same type. */
    @SuppressWarnings("unchecked")
    private <T> Held<T> of(String key, int index) {
        return (Held<T>) held.getOrDefault(key, List.of()).get(index);
    }
}
