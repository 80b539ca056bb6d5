package dev.latente.mundo;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Decides where a grammar leaves something open. */
interface Choice {
    /** An index below a limit, all equally likely. */
    int below(int limit);

    /** Whether something of this probability is so. */
    boolean chance(double probability);

    /** One of the options, all equally likely. */
    default String of(String... options) {
        return options[below(options.length)];
    }

    /** One of the ways to say something, all equally likely. */
    default String of(Way... ways) {
        return ways[below(ways.length)].say();
    }

    /** A way to say something, which may have choices of its own. */
    interface Way {
        String say();
    }

    /** Decides at random. */
    static Choice random(RandomGenerator random) {
        return new Choice() {
            @Override
            public int below(int limit) {
                return random.nextInt(limit);
            }

            @Override
            public boolean chance(double probability) {
                return random.nextDouble() < probability;
            }
        };
    }

    /** Decides in every possible way, one after the other. */
    final class Every implements Choice {
        private final List<Integer> taken = new ArrayList<>();
        private final List<Integer> limits = new ArrayList<>();
        private int next;

        @Override
        public int below(int limit) {
            if (next == taken.size()) {
                taken.add(0);
                limits.add(limit);
            }
            return taken.get(next++);
        }

        @Override
        public boolean chance(double probability) {
            return below(2) == 1;
        }

        /** Starts over with the last decision that can be another one; false where all ways have been taken. */
        boolean advance() {
            next = 0;
            for (int last = taken.size() - 1; last >= 0; last--) {
                int other = taken.get(last) + 1;
                if (other < limits.get(last)) {
                    taken.set(last, other);
                    return true;
                }
                taken.remove(last);
                limits.remove(last);
            }
            return false;
        }
    }
}
