package dev.latente.diffusion;

/** Which differential equation a DPM-Solver integrates (Lu et al. 2022b, section 3 and appendix B). */
enum DpmAlgorithm {
    /** The ODE, in the predicted noise. */
    DPM_SOLVER(false, false),
    /** The ODE, in the predicted picture. */
    DPM_SOLVER_PP(true, false),
    /** The SDE, in the predicted noise. */
    SDE_DPM_SOLVER(false, true),
    /** The SDE, in the predicted picture. */
    SDE_DPM_SOLVER_PP(true, true);

    private final boolean predictsSample;
    private final boolean stochastic;

    DpmAlgorithm(boolean predictsSample, boolean stochastic) {
        this.predictsSample = predictsSample;
        this.stochastic = stochastic;
    }

    /** From {@code algorithm_type}. */
    static DpmAlgorithm of(SchedulerConfig config) {
        return switch (config.text("algorithm_type")) {
            case "dpmsolver" -> DPM_SOLVER;
            // A configuration written for DEIS.
            case "dpmsolver++", "deis" -> DPM_SOLVER_PP;
            case "sde-dpmsolver" -> SDE_DPM_SOLVER;
            case "sde-dpmsolver++" -> SDE_DPM_SOLVER_PP;
            default ->
                throw config.unknown("algorithm_type", "dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++");
        };
    }

    boolean predictsSample() {
        return predictsSample;
    }

    boolean stochastic() {
        return stochastic;
    }
}
