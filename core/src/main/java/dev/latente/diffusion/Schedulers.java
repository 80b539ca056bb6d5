package dev.latente.diffusion;

import java.util.Map;
import java.util.function.Function;

/** The schedulers by the class names of {@code scheduler_config.json}. */
public final class Schedulers {
    private static final Map<String, Function<SchedulerConfig, Scheduler>> CLASSES = Map.ofEntries(
            Map.entry("DDIMInverseScheduler", DdimInverse::new),
            Map.entry("DDIMScheduler", Ddim::new),
            Map.entry("DDPMScheduler", Ddpm::new),
            Map.entry("DEISMultistepScheduler", Deis::new),
            Map.entry("DPMSolverMultistepScheduler", DpmSolverMultistep::new),
            Map.entry("DPMPP2SAncestralScheduler", Dpmpp2sAncestral::new),
            Map.entry("DPMPP3MSDEScheduler", Dpmpp3mSde::new),
            Map.entry("DPMSolverSDEScheduler", DpmppSde::new),
            Map.entry("DPMSolverSinglestepScheduler", DpmSolverSinglestep::new),
            Map.entry("EDMDPMSolverMultistepScheduler", EdmDpmSolverMultistep::new),
            Map.entry("EDMEulerScheduler", EdmEuler::new),
            Map.entry("EulerAncestralDiscreteScheduler", EulerAncestral::new),
            Map.entry("EulerDiscreteScheduler", Euler::new),
            Map.entry("FlowMatchEulerDiscreteScheduler", FlowEuler::new),
            Map.entry("FlowMatchHeunDiscreteScheduler", FlowHeun::new),
            Map.entry("FlowMatchLCMScheduler", FlowLcm::new),
            Map.entry("HeunDiscreteScheduler", Heun::new),
            Map.entry("IPNDMScheduler", Ipndm::new),
            Map.entry("KDPM2AncestralDiscreteScheduler", c -> new Dpm2(c, true)),
            Map.entry("KDPM2DiscreteScheduler", c -> new Dpm2(c, false)),
            Map.entry("LCMScheduler", Lcm::new),
            Map.entry("LMSDiscreteScheduler", LinearMultistep::new),
            Map.entry("PNDMScheduler", Pndm::new),
            Map.entry("SASolverScheduler", SaSolver::new),
            Map.entry("TCDScheduler", Tcd::new),
            Map.entry("UniPCMultistepScheduler", UniPc::new));

    private Schedulers() {}

    /**
     * The scheduler that the configuration describes.
     *
     * @throws IllegalArgumentException if there is none of that class, or a setting is not one of its values
     */
    public static Scheduler of(SchedulerConfig config) {
        var constructor = CLASSES.get(config.className());
        if (constructor == null) {
            throw new IllegalArgumentException("_class_name: got [%s], wanted one of %s"
                    .formatted(
                            config.className(),
                            CLASSES.keySet().stream().sorted().toList()));
        }
        return constructor.apply(config);
    }
}
