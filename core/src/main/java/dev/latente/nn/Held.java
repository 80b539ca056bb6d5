package dev.latente.nn;

import dev.latente.tensor.Arena;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a layer computes with and what is made of its weight, such as a kernel: there all the time, or made when it is needed
 * and kept as long as there is {@link Room}. Thread-safe.
 */
final class Held<T> {
    private final Function<Arena, T> maker;
    private final Room.@Nullable Tenant tenant; // null for what stays

    // Guarded by this for what stays, else by the room.
    private Arena owner;
    private @Nullable T value;
    private int lent;

    private Held(Function<Arena, T> maker, Room.@Nullable Tenant tenant, Arena owner) {
        this.maker = maker;
        this.tenant = tenant;
        this.owner = owner;
    }

    /** Made when it is first used; stays until the arena closes. */
    static <T> Held<T> later(Arena arena, Function<Arena, T> maker) {
        return new Held<>(maker, null, arena);
    }

    /** Made at once, as {@link #later}. */
    static <T> Held<T> kept(Arena arena, Function<Arena, T> maker) {
        Held<T> held = later(arena, maker);
        held.stay();
        return held;
    }

    /** @param maker makes it of tensors that the arena owns; by any thread, at any time */
    static <T> Held<T> in(Room.Tenant tenant, Function<Arena, T> maker) {
        return new Held<>(maker, tenant, new Arena());
    }

    /** What {@code body} makes with it, which must not be a part of it. */
    <R> R use(Function<T, R> body) {
        if (tenant == null) {
            return body.apply(stay());
        }
        T there = tenant.lend(this);
        if (there == null) {
            try (Arena own = new Arena()) {
                there = maker.apply(own);
                if (!tenant.offer(this, there, own)) {
                    return body.apply(there);
                }
            }
        }
        try {
            return body.apply(there);
        } finally {
            tenant.giveBack(this);
        }
    }

    private synchronized T stay() {
        T there = value == null ? maker.apply(owner) : value;
        value = there;
        return there;
    }

    boolean isThere() {
        return value != null;
    }

    boolean isIdle() {
        return lent == 0;
    }

    /** Keeps what was just made, and lends it to who made it; takes over what {@code from} owns. */
    void set(T made, Arena from) {
        value = made;
        owner = new Arena();
        owner.adopt(from);
        lent = 1;
    }

    @Nullable
    T lend() {
        lent += value == null ? 0 : 1;
        return value;
    }

    void giveBack() {
        lent--;
    }

    /** Frees it; the bytes that it took. */
    long drop() {
        try (Arena freed = owner) {
            value = null;
            return freed.bytes();
        }
    }
}
