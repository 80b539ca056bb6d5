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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        run(Room.unlimited(), new ArrayList<>());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20_000, 50_000, 150_000})
    void staysWithin(long bytes) {
        Scopes.run(() -> {
            List<String> calls = new ArrayList<>();
            try (Arena arena = new Arena()) {
                Transformer2D layer = transformer(arena, Room.of(bytes), calls);
                assertThat(arena.bytes()).isLessThanOrEqualTo(bytes + VECTORS);
                assertThat(arena.bytes()).isGreaterThan(bytes == 0 ? 0 : bytes / 2);
                long before = arena.bytes();
                calls.clear();
                forward(layer);
                assertThat(calls).isNotEmpty().allMatch(key -> key.endsWith("weight") && !key.contains("norm"));
                assertThat(calls).as("once in a call").doesNotHaveDuplicates();
                assertThat(arena.bytes()).isEqualTo(before);
            }
        });
    }

    @Test
    void nothingIsReadForWhatWillNotStay() {
        Scopes.run(() -> {
            List<String> calls = new ArrayList<>();
            try (Arena arena = new Arena()) {
                transformer(arena, Room.of(0), calls);
                assertThat(calls).isNotEmpty().allMatch(key -> key.endsWith("bias") || key.contains("norm"));
            }
        });
    }

    @Test
    void givesTheSame() {
        Scopes.run(() -> {
            Tensor all = run(Room.unlimited(), new ArrayList<>());
            for (long bytes : new long[] {0, 50_000}) {
                GoldenCase.assertClose("room for " + bytes, run(Room.of(bytes), new ArrayList<>()), all, 0, 0);
            }
        });
    }

    @Test
    void lessThanNothingIsRefused() {
        assertThatThrownBy(() -> Room.of(-1)).hasMessageContaining("got [-1] bytes");
    }

    private static Tensor run(Room room, List<String> calls) {
        try (Arena arena = new Arena()) {
            return forward(transformer(arena, room, calls));
        }
    }

    private static Tensor forward(Transformer2D layer) {
        try (Rng rng = new Rng(2)) {
            return layer.forward(rng.normal(1, SIZE, 4, 4), rng.normal(1, 7, SIZE), null, TokenMerging.NONE);
        }
    }

    private static Transformer2D transformer(Arena arena, Room room, List<String> calls) {
        WeightSource random = WeightSources.random(1);
        WeightSource counted = new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                calls.add(key);
                return random.get(key, shape);
            }

            /** Any name will do. */
            @Override
            public void require(String key, long... shape) {}
        };
        Params p = Params.of(counted, arena, WeightLayout.PREPARED, room);
        return new Transformer2D(p, SIZE, 8, true, 1, q -> new TransformerBlock(q, SIZE, SIZE, 4, false));
    }
}
