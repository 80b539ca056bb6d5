package dev.latente.pipelines;

import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.profile.Phase;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One run taken apart: conditioning, trajectory, denoiser and noise, which the pipelines put together. */
final class Run implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final Request request;
    private final Size size;
    private final Trajectory trajectory;
    private final Seeds.Noise noise;

    Run(Checkpoint checkpoint, Request request, Size size, Steps steps) {
        int unit = checkpoint.unit();
        if (size.width() % unit != 0 || size.height() % unit != 0) {
            throw new IllegalArgumentException(
                    "size: got [%s], wanted multiples of %d for this checkpoint".formatted(size, unit));
        }
        this.checkpoint = checkpoint;
        this.request = request;
        this.size = size;
        Scheduler scheduler = request.scheduler() == null ? Schedulers.of(checkpoint.scheduler()) : request.scheduler();
        trajectory = scheduler.trajectory(shifted(steps));
        if (trajectory.timesteps().length == 0) {
            throw new IllegalArgumentException(
                    "steps: [%d] with this strength leave nothing to do: raise one of them".formatted(steps.count()));
        }
        noise = request.seeds().open(checkpoint.device());
    }

    /** The steps with the shift that suits the size, where the checkpoint's schedule depends on it. */
    private Steps shifted(Steps steps) {
        SchedulerConfig config = checkpoint.scheduler();
        if (!config.flag("use_dynamic_shifting") || steps.mu().isPresent()) {
            return steps;
        }
        int patch = checkpoint.unit();
        return steps.withMu(config.mu((size.height() / patch) * (size.width() / patch)));
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    Request request() {
        return request;
    }

    Size size() {
        return size;
    }

    Trajectory trajectory() {
        return trajectory;
    }

    Seeds.Noise noise() {
        return noise;
    }

    int batch() {
        return request.batch();
    }

    /** Standard normal latents [B,C,h,w] for the size of the run. */
    Tensor normal() {
        int factor = checkpoint.codec().factor();
        return noise.normal(batch(), checkpoint.codec().channels(), size.height() / factor, size.width() / factor);
    }

    /** Whether calls are guided; a consistency model has the scale told and needs no second half. */
    boolean guided() {
        return request.guiding().scale() > 1 && !checkpoint.network().toldGuidance();
    }

    List<Conditioner.Halves> encode() {
        List<Conditioner.Halves> encoded = new Phase.Encode(request.prompts().size())
                .run(() -> checkpoint
                        .conditioner()
                        .encode(request.prompts(), guided(), request.steps().count()));
        checkpoint.trim();
        return encoded.stream()
                .map(halves -> halves.repeat(request.perPrompt()))
                .toList();
    }

    /** What happens to the latents after a model call. */
    @FunctionalInterface
    interface AfterCall {
        /** The latents to go on with. */
        Tensor apply(int call, Tensor latents);
    }

    /**
     * Runs the sampler from {@code start}.
     *
     * @param extra channels that the network sees beside the sample, or null
     */
    Tensor sample(
            Tensor start, List<Conditioner.Halves> halves, @Nullable Tensor extra, AfterCall after, Progress progress) {
        int calls = trajectory.timesteps().length;
        try (GuidedNetwork denoiser = checkpoint.network().begin(this, halves, extra)) {
            return trajectory.sample(start, denoiser, noise, (call, timestep, x) -> {
                checkpoint.trim();
                Tensor next = after.apply(call, x);
                progress.onCall(call + 1, calls, next);
                return next;
            });
        }
    }

    @Override
    public void close() {
        noise.close();
    }
}
