package dev.latente.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestepSamplingTest {
    private static final int DRAWN = 20_000;

    /** A normal number lies within ± ln 3 with a probability of 0.728: that is where a quarter to three quarters are. */
    @ParameterizedTest
    @CsvSource({"UNIFORM, 0.5", "LOGIT_NORMAL, 0.728"})
    void theMiddleHalfIsDrawnSoOften(DiffusionTask.TimestepSampling sampling, double share) {
        long[] drawn = Scopes.within(() -> {
            try (Rng rng = new Rng(4)) {
                return Ops.longs(sampling.draw(rng, 1000, DRAWN));
            }
        });
        assertThat(drawn).hasSize(DRAWN);
        assertThat(Arrays.stream(drawn)).allMatch(t -> t >= 0 && t < 1000);
        double middle = Arrays.stream(drawn).filter(t -> t >= 250 && t < 750).count();
        assertThat(middle / DRAWN).isCloseTo(share, Offset.offset(0.02));
        assertThat(Arrays.stream(drawn).average().orElseThrow()).isCloseTo(499.5, Offset.offset(10.0));
    }
}
