package dev.latente.benchmarks;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What samplers take beside the model: the plan of 20 steps, and a step on latents of 64x64 with a model that does nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class SchedulerBenchmark {
    private static final int STEPS = 20;

    @Param({"DDIMScheduler", "EulerAncestralDiscreteScheduler", "DPMSolverMultistepScheduler", "UniPCMultistepScheduler"
    })
    public String scheduler = "";

    @Benchmark
    public Trajectory plan() {
        return Schedulers.of(SchedulerConfig.of(Map.of("_class_name", scheduler)))
                .trajectory(Steps.of(STEPS));
    }

    /** The average of all steps of a run, the first of which have less history. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public double step() {
        return Scopes.within(() -> {
            try (Rng rng = new Rng(0)) {
                return Ops.doubles(plan().sample(
                                rng.normal(1, 4, 64, 64), (x, timestep) -> x, rng::normal, (call, timestep, x) -> x)
                        .sum())[0];
            }
        });
    }
}
