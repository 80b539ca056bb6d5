package dev.latente.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As many weights stay as there is room for; of the others, those of the layer that computes are there. */
@ExtendWith(NoNativeLeaks.class)
class RoomTest {
    private static final long SIZE = 64;

    /** Normalisations of the transformer (8 vectors), biases (5, and one of 8 times the size), and views of the biases; in fp32. */
    private static final long VECTORS = (8 + 2 * (5 + 8)) * SIZE * 4;

    @BeforeAll
    static void kernelsAreThere() {
        run(Room.unlimited(), new TreeMap<>());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20_000, 50_000, 150_000, 1_000_000})
    void staysWithin(long bytes) {
        Scopes.run(() -> {
            Map<String, Long> asked = new TreeMap<>();
            try (Arena arena = new Arena();
                    Kept room = Kept.in(Room.of(bytes))) {
                Transformer2D layer = transformer(arena, room, asked);
                long vectors = arena.bytes();
                asked.clear();
                forward(layer);
                Map<String, Long> all = new TreeMap<>(asked);
                assertThat(all.keySet()).allMatch(key -> key.endsWith("weight") && !key.contains("norm"));
                asked.clear();
                forward(layer);
                assertThat(all).containsAllEntriesOf(asked);
                long stayed = sum(all) - sum(asked);
                assertThat(stayed).isLessThanOrEqualTo(bytes);
                assertThat(stayed).isGreaterThanOrEqualTo(Math.min(sum(all), bytes / 2));
                assertThat(arena.bytes()).isEqualTo(vectors).isLessThanOrEqualTo(VECTORS);
            }
        });
    }

    /** Two models of the same size in room for one and a half. */
    @Test
    void modelsMakeWayForEachOther() {
        Scopes.run(() -> {
            Map<String, Long> first = new TreeMap<>();
            Map<String, Long> second = new TreeMap<>();
            Room room = Room.of(360_000 * 3 / 2);
            try (Arena arena = new Arena();
                    Kept ofFirst = Kept.in(room);
                    Kept ofSecond = Kept.in(room)) {
                Transformer2D one = transformer(arena, ofFirst, first);
                Transformer2D two = transformer(arena, ofSecond, second);
                forward(one);
                forward(two);
                first.clear();
                second.clear();
                forward(two);
                assertThat(second).as("all of it stays").isEmpty();
                forward(one);
                assertThat(sum(first)).as("what had made way").isBetween(150_000L, 250_000L);
                first.clear();
                forward(one);
                assertThat(first).isEmpty();
                forward(two);
                assertThat(second).isNotEmpty();
            }
        });
    }

    private static long sum(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void nothingIsReadForWhatWillNotStay() {
        Scopes.run(() -> {
            Map<String, Long> asked = new TreeMap<>();
            try (Arena arena = new Arena()) {
                transformer(arena, Kept.in(Room.of(0)), asked);
                assertThat(asked.keySet()).isNotEmpty().allMatch(key -> key.endsWith("bias") || key.contains("norm"));
            }
        });
    }

    @Test
    void givesTheSame() {
        Scopes.run(() -> {
            Tensor all = run(Room.unlimited(), new TreeMap<>());
            for (long bytes : new long[] {0, 50_000}) {
                GoldenCase.assertClose("room for " + bytes, run(Room.of(bytes), new TreeMap<>()), all, 0, 0);
            }
        });
    }

    @Test
    void lessThanNothingIsRefused() {
        assertThatThrownBy(() -> Room.of(-1)).hasMessageContaining("got [-1] bytes");
    }

    private static Tensor run(Room room, Map<String, Long> asked) {
        try (Kept kept = Kept.in(room);
                Arena arena = new Arena()) {
            return forward(transformer(arena, kept, asked));
        }
    }

    private static Tensor forward(Transformer2D layer) {
        try (Rng rng = new Rng(2)) {
            return layer.forward(
                    rng.normal(1, SIZE, 4, 4), rng.normal(1, 7, SIZE), null, ImageContext.NONE, TokenMerging.NONE);
        }
    }

    private static Transformer2D transformer(Arena arena, Kept kept, Map<String, Long> asked) {
        WeightSource random = WeightSources.random(1);
        WeightSource counted = new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                Tensor weight = random.get(key, shape);
                asked.merge(key, weight.numel() * weight.itemsize(), Long::sum);
                return weight;
            }

            /** Any name will do. */
            @Override
            public void require(String key, long... shape) {}
        };
        Params p = Params.of(counted, arena, WeightLayout.PREPARED, kept);
        return new Transformer2D(p, SIZE, 8, true, 1, q -> new TransformerBlock(q, SIZE, SIZE, 4, false));
    }
}
