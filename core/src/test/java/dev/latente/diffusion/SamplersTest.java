package dev.latente.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SamplersTest {
    private static final SchedulerConfig STABLE_DIFFUSION = SchedulerConfig.of(Map.of(
            "_class_name",
            "PNDMScheduler",
            "beta_start",
            0.00085,
            "beta_end",
            0.012,
            "beta_schedule",
            "scaled_linear",
            "steps_offset",
            1));
    private static final SchedulerConfig FLOW =
            SchedulerConfig.of(Map.of("_class_name", "FlowMatchEulerDiscreteScheduler", "shift", 3.0));

    @ParameterizedTest
    @CsvSource({
        "Euler a, EulerAncestralDiscreteScheduler",
        "euler_ancestral, EulerAncestralDiscreteScheduler",
        "k_euler, EulerDiscreteScheduler",
        "DPM2 a, KDPM2AncestralDiscreteScheduler",
        "dpm_2_ancestral, KDPM2AncestralDiscreteScheduler",
        "DPM++ 2M, DPMSolverMultistepScheduler",
        "DPM++ 2S a, DPMPP2SAncestralScheduler",
        "dpmpp_3m_sde, DPMPP3MSDEScheduler",
        "PLMS, PNDMScheduler",
        "uni_pc, UniPCMultistepScheduler"
    })
    void namesOfOtherProgramsAreUnderstood(String name, String className) {
        SchedulerConfig config = Samplers.config(name, STABLE_DIFFUSION);
        assertEquals(className, config.className());
        assertEquals(0.012, config.number("beta_end"));
        assertEquals(1, config.integer("steps_offset"));
    }

    @Test
    void aScheduleMayEndTheName() {
        double[] named = Samplers.of("Euler Karras", STABLE_DIFFUSION)
                .trajectory(Steps.of(7))
                .sigmas();
        double[] flagged = Schedulers.of(
                        STABLE_DIFFUSION.withClass("EulerDiscreteScheduler").with("use_karras_sigmas", true))
                .trajectory(Steps.of(7))
                .sigmas();
        assertArrayEquals(flagged, named);
    }

    @Test
    void flowsGetTheirOwnClasses() {
        assertEquals(
                "FlowMatchHeunDiscreteScheduler", Samplers.config("heun", FLOW).className());
        SchedulerConfig dpm = Samplers.config("dpmpp_2m", FLOW);
        assertEquals("flow_prediction", dpm.text("prediction_type"));
        assertEquals(3.0, dpm.number("flow_shift"));
        assertThrows(IllegalArgumentException.class, () -> Samplers.of("euler_a", FLOW));
    }

    @Test
    void unknownNamesAreListed() {
        var e = assertThrows(IllegalArgumentException.class, () -> Samplers.of("dpm++ 9x", STABLE_DIFFUSION));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("[dpm++ 9x]") && message.contains("dpmpp_2m"), message);
    }

    @ParameterizedTest
    @EnumSource
    void schedulesDescendToZero(Schedule schedule) {
        double[] sigmas = schedule.sigmas(NoiseSchedule.of(STABLE_DIFFUSION), 12);
        for (int i = 1; i < sigmas.length; i++) {
            assertTrue(sigmas[i] < sigmas[i - 1], "at " + i);
        }
        assertEquals(0, sigmas[sigmas.length - 1]);
        for (String sampler : new String[] {"euler", "euler_a", "dpm2", "dpmpp_2s_a"}) {
            Trajectory run = Samplers.of(sampler, schedule, STABLE_DIFFUSION).trajectory(Steps.of(12));
            assertEquals(0, run.sigmas()[run.sigmas().length - 1]);
        }
    }

    @Test
    void alignedStepsAreThePublishedOnes() {
        double[] sigmas = Schedule.AYS.sigmas(NoiseSchedule.of(STABLE_DIFFUSION), 10);
        assertArrayEquals(
                new double[] {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0}, sigmas, 1e-9);
    }

    @Test
    void schedulesThatAClassDoesNotHaveAreErrors() {
        assertThrows(IllegalArgumentException.class, () -> Samplers.of("lcm", Schedule.KARRAS, STABLE_DIFFUSION));
    }
}
