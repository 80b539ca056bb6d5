package dev.latente.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StepsTest {
    private static final Scheduler EULER = Schedulers.of(SchedulerConfig.of(
            Map.of("_class_name", "EulerDiscreteScheduler", "timestep_spacing", "leading", "steps_offset", 1)));

    private static double[] timesteps(Steps steps) {
        return EULER.trajectory(steps).timesteps();
    }

    @Test
    void strengthCutsTheBeginning() {
        assertArrayEquals(new double[] {801, 601, 401, 201, 1}, timesteps(Steps.of(5)));
        assertArrayEquals(new double[] {401, 201, 1}, timesteps(Steps.of(5).withStrength(0.7)));
    }

    @Test
    void aRefinerGoesOnWhereTheBaseStops() {
        assertArrayEquals(
                new double[] {801, 601, 401, 201}, timesteps(Steps.of(5).withDenoisingEnd(0.8)));
        assertArrayEquals(new double[] {1}, timesteps(Steps.of(5).withDenoisingStart(0.8)));
    }

    @Test
    void strengthIsAFraction() {
        var e = assertThrows(IllegalArgumentException.class, () -> Steps.of(5).withStrength(1.5));
        assertEquals("strength: got [1.5], wanted 0 to 1", e.getMessage());
    }
}
