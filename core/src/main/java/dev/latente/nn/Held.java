package dev.latente.nn;

import dev.latente.tensor.Arena;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a layer computes with and what is made of its weight, such as a kernel: kept between calls, or made for each call and
 * freed after it, so that its weight takes memory only then. Thread-safe.
 */
final class Held<T> {
    private final Function<Arena, T> maker;
    private final @Nullable T kept;

    private Held(Function<Arena, T> maker, @Nullable T kept) {
        this.maker = maker;
        this.kept = kept;
    }

    static <T> Held<T> kept(T value) {
        return new Held<>(arena -> value, value);
    }

    /** @param maker makes it of tensors that the arena owns; by any thread, at any time */
    static <T> Held<T> made(Function<Arena, T> maker) {
        return new Held<>(maker, null);
    }

    boolean isKept() {
        return kept != null;
    }

    /** What is made of this; kept or not as this is. */
    <R> Held<R> map(Function<T, R> change) {
        return kept == null ? made(arena -> change.apply(maker.apply(arena))) : kept(change.apply(kept));
    }

    /** What {@code body} makes with it, which must not be a part of it. */
    <R> R use(Function<T, R> body) {
        if (kept != null) {
            return body.apply(kept);
        }
        try (Arena arena = new Arena()) {
            return body.apply(maker.apply(arena));
        }
    }
}
