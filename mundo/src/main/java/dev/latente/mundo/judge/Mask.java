package dev.latente.mundo.judge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Some pixels of a square picture, in which pixel (x, y) has the number y · side + x. Immutable. */
final class Mask {
    private final int side;
    private final boolean[] in;

    private Mask(int side, boolean[] in) {
        this.side = side;
        this.in = in;
    }

    /** The pixels whose numbers the test accepts. */
    static Mask of(int side, IntPredicate test) {
        boolean[] in = new boolean[side * side];
        for (int i = 0; i < in.length; i++) {
            in[i] = test.test(i);
        }
        return new Mask(side, in);
    }

    int side() {
        return side;
    }

    boolean has(int pixel) {
        return in[pixel];
    }

    boolean has(int x, int y) {
        return x >= 0 && y >= 0 && x < side && y < side && in[y * side + x];
    }

    /** The numbers of its pixels. */
    IntStream pixels() {
        return IntStream.range(0, in.length).filter(i -> in[i]);
    }

    int area() {
        return (int) pixels().count();
    }

    Mask not() {
        return of(side, i -> !in[i]);
    }

    /** What is in this one and passes the test. */
    Mask and(IntPredicate test) {
        return of(side, i -> in[i] && test.test(i));
    }

    /** Without a rim of so many pixels. */
    Mask eroded(int rim) {
        Mask mask = this;
        for (int i = 0; i < rim; i++) {
            Mask last = mask;
            mask = last.and(p -> last.near(p % side, p / side) == 9);
        }
        return mask;
    }

    /** Its connected parts of at least so many pixels. */
    List<Mask> parts(int least) {
        List<Mask> parts = new ArrayList<>();
        boolean[] seen = new boolean[in.length];
        pixels().filter(i -> !seen[i]).forEach(seed -> {
            Mask part = flood(seed, this);
            part.pixels().forEach(i -> seen[i] = true);
            if (part.area() >= least) {
                parts.add(part);
            }
        });
        return parts;
    }

    /** With all that it encloses: what cannot be reached from the corner of the picture. */
    Mask filled() {
        return in[0] ? this : flood(0, not()).not();
    }

    /**
     * Shares its pixels out among the cores that lie in it: each pixel to the first that reaches it.
     *
     * @return one mask for each core
     */
    List<Mask> shared(List<Mask> cores) {
        int[] owner = new int[in.length];
        Arrays.fill(owner, -1);
        Deque<Integer> edge = new ArrayDeque<>();
        for (int k = 0; k < cores.size(); k++) {
            int number = k;
            cores.get(k).pixels().forEach(i -> {
                owner[i] = number;
                edge.add(i);
            });
        }
        while (!edge.isEmpty()) {
            int from = edge.remove();
            for (int to : neighbours(from)) {
                if (in[to] && owner[to] < 0) {
                    owner[to] = owner[from];
                    edge.add(to);
                }
            }
        }
        return IntStream.range(0, cores.size())
                .mapToObj(k -> of(side, i -> owner[i] == k))
                .toList();
    }

    /** The part of a mask that is connected with a pixel of it. */
    private static Mask flood(int seed, Mask within) {
        boolean[] reached = new boolean[within.in.length];
        reached[seed] = true;
        Deque<Integer> edge = new ArrayDeque<>(List.of(seed));
        while (!edge.isEmpty()) {
            for (int to : within.neighbours(edge.remove())) {
                if (within.in[to] && !reached[to]) {
                    reached[to] = true;
                    edge.add(to);
                }
            }
        }
        return new Mask(within.side, reached);
    }

    /** How many of the nine pixels about (x, y) are in. */
    private int near(int x, int y) {
        int count = 0;
        for (int k = 0; k < 9; k++) {
            count += has(x + k % 3 - 1, y + k / 3 - 1) ? 1 : 0;
        }
        return count;
    }

    private int[] neighbours(int i) {
        int x = i % side;
        return IntStream.of(x > 0 ? i - 1 : -1, x < side - 1 ? i + 1 : -1, i - side, i + side)
                .filter(to -> to >= 0 && to < in.length)
                .toArray();
    }
}
