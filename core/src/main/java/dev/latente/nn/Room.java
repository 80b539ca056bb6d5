package dev.latente.nn;

import dev.latente.tensor.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of weights may stay in memory, ready for the kernels. Models that share it, such as the text encoder, the
 * U-Net and the autoencoder of a checkpoint, compute one after the other: each takes room when it first uses a weight, also
 * that of the models that computed longest ago, whose weights are made again when they are next used. A model never takes its
 * own, since all its layers are used in turn: what does not fit is made of its source in every call. Thread-safe.
 */
public final class Room {
    private final boolean atOnce;
    private final List<Tenant> tenants = new ArrayList<>();
    private long left;
    private long uses;

    private Room(long bytes, boolean atOnce) {
        left = bytes;
        this.atOnce = atOnce;
    }

    /** For all weights, which are made when a model is built. */
    public static Room unlimited() {
        return new Room(Long.MAX_VALUE, true);
    }

    /**
     * For so many bytes of weights that are made when they are first used; 0 for those alone that every layer keeps: biases
     * and what normalisations have.
     */
    public static Room of(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("room for weights: got [%d] bytes, wanted at least 0".formatted(bytes));
        }
        return new Room(bytes, false);
    }

    /** A model that shares the room. */
    synchronized Tenant enter() {
        Tenant tenant = new Tenant(this);
        tenants.add(tenant);
        return tenant;
    }

    /** Whether there is so much room now; others than the tenant make way, who used theirs longest ago first. */
    private boolean take(Tenant tenant, long bytes) {
        List<Tenant> others = tenants.stream()
                .filter(each -> each != tenant)
                .sorted(Comparator.comparingLong(each -> each.lastUse))
                .toList();
        for (Tenant other : others) {
            if (left < bytes) {
                left += other.makeWay(bytes - left);
            }
        }
        boolean fits = bytes <= left;
        left -= fits ? bytes : 0;
        return fits;
    }

    /** One model's weights that are ready. */
    static final class Tenant {
        private final Room room;
        private final List<Held<?>> ready = new ArrayList<>();
        private long lastUse;

        private Tenant(Room room) {
            this.room = room;
        }

        /** Whether weights are made when the model is built, and stay. */
        boolean atOnce() {
            return room.atOnce;
        }

        /** Whether what takes so many bytes stays, as what some thread computes with. */
        <T> boolean offer(Held<T> held, T value, Arena owner) {
            synchronized (room) {
                if (held.isThere() || !room.take(this, owner.bytes())) {
                    return false; // another thread was faster, or there is no room
                }
                held.set(value, owner);
                ready.add(held);
                return true;
            }
        }

        /** What is there, for a thread that will compute with it until it is {@link #giveBack given back}, or null. */
        <T> @Nullable T lend(Held<T> held) {
            synchronized (room) {
                lastUse = ++room.uses;
                return held.lend();
            }
        }

        void giveBack(Held<?> held) {
            synchronized (room) {
                held.giveBack();
            }
        }

        /** Frees what is there of these. */
        void dismiss(List<Held<?>> some) {
            synchronized (room) {
                for (Held<?> each : some) {
                    if (ready.remove(each)) {
                        room.left += each.drop();
                    }
                }
            }
        }

        /** Frees so many bytes of what nobody computes with, if there are so many; the last ones first. */
        private long makeWay(long wanted) {
            long freed = 0;
            for (int i = ready.size() - 1; i >= 0 && freed < wanted; i--) {
                if (ready.get(i).isIdle()) {
                    freed += ready.remove(i).drop();
                }
            }
            return freed;
        }
    }
}
