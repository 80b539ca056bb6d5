package dev.latente.weights.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeaks.class)
class PruningTest {
    private static final Map<String, List<Long>> LAYERS =
            Map.of("a.weight", List.of(1L, 5L), "b.weight", List.of(1L, 5L));

    @BeforeAll
    static void load() {
        Scopes.run(() -> Ops.zeros(DType.F32, Device.CPU, 1));
    }

    /** Small weights in a, large ones in b. */
    private static WeightSource weights() {
        Map<String, float[]> values =
                Map.of("a.weight", new float[] {1, -2, 3, -4, 5}, "b.weight", new float[] {-10, 20, 4, 4, -30});
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return values.keySet();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return Ops.of(Objects.requireNonNull(values.get(key)), shape);
            }
        };
    }

    private static float[] pruned(Pruning pruning, String name) {
        return Ops.floats(pruning.over(weights()).get(name, 1, 5));
    }

    @Test
    void takesTheSmallestOfEachWeightAndTheirEquals() {
        Scopes.run(() -> {
            // k = 2 of each: up to 2, and up to 4, of which there are two.
            Pruning pruning = Pruning.perTensor(weights(), LAYERS, 0.4);
            assertThat(pruning.thresholds()).containsOnly(Map.entry("a.weight", 2f), Map.entry("b.weight", 4f));
            assertThat(pruned(pruning, "a.weight")).containsExactly(0, -0f, 3, -4, 5);
            assertThat(pruned(pruning, "b.weight")).containsExactly(-10, 20, 0, 0, -30);
        });
    }

    @Test
    void takesTheSmallestOfAll() {
        Scopes.run(() -> {
            // k = 4 of ten: 1, 2, 3 and one of three fours, so all of them.
            Pruning pruning = Pruning.global(weights(), LAYERS, 0.4);
            assertThat(pruning.thresholds()).containsOnly(Map.entry("a.weight", 4f), Map.entry("b.weight", 4f));
            assertThat(pruned(pruning, "a.weight")).containsExactly(0, -0f, 0, -0f, 5);
            assertThat(pruned(pruning, "b.weight")).containsExactly(-10, 20, 0, 0, -30);
        });
    }

    @Test
    void leavesWhatIsNoLayer() {
        Scopes.run(() -> {
            Map<String, List<Long>> one = Map.of("a.weight", List.of(1L, 5L));
            assertThat(pruned(Pruning.global(weights(), one, 0.8), "b.weight")).containsExactly(-10, 20, 4, 4, -30);
        });
    }

    @Test
    void nothingOfNothingIsNothing() {
        Scopes.run(() -> {
            assertThat(Pruning.perTensor(weights(), LAYERS, 0).thresholds()).isEmpty();
            assertThat(Pruning.global(weights(), LAYERS, 0).thresholds()).isEmpty();
        });
    }

    @Test
    void halvesAreCountedToEven() {
        assertThat(Pruning.count(0.5, 5)).isEqualTo(2);
        assertThat(Pruning.count(0.5, 7)).isEqualTo(4);
        assertThat(Pruning.count(0.3, 576)).isEqualTo(173);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void otherFractionsAreRefused(double fraction) {
        assertThatThrownBy(() -> Pruning.perTensor(weights(), LAYERS, fraction))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[%s]", fraction);
    }

    /** Against sorting, with numbers of every size, zeros and equals among them. */
    @Test
    void everyRankIsFound() {
        Scopes.run(() -> {
            try (Rng rng = new Rng(3)) {
                Tensor x = rng.normal(500).mul(rng.normal(500).exp());
                Tensor y = Ops.to(Ops.to(Ops.mul(rng.normal(300), 1e-6), DType.F16), DType.F32);
                List<Supplier<Tensor>> both = List.of(() -> x, () -> y);
                double[] sorted = Ops.doubles(Ops.cat(0, x, y).abs());
                Arrays.sort(sorted);
                for (int k = 1; k <= sorted.length; k += 7) {
                    assertThat(Magnitudes.smallest(both, k)).isEqualTo((float) sorted[k - 1]);
                }
                assertThat(Magnitudes.smallest(both, sorted.length)).isEqualTo((float) sorted[sorted.length - 1]);
                assertThatThrownBy(() -> Magnitudes.smallest(both, 801)).hasMessageContaining("[801], wanted 1 to 800");
            }
        });
    }
}
