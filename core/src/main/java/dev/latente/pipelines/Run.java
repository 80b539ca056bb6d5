package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.image.Masks.Region;
import dev.latente.image.VaeImages;
import dev.latente.profile.Phase;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One run taken apart: conditioning, trajectory, denoiser and noise, which the pipelines put together. */
final class Run implements AutoCloseable {
    /** How much more a region's own prompt counts in it than that of the whole canvas. */
    private static final double REGION = 10;

    private final Checkpoint checkpoint;
    private final Request request;
    private final Size size;
    private final Trajectory trajectory;
    private final Seeds.Noise noise;
    private @Nullable Tensor classLabels;

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

    /** Tells the U-Net a class in every call, such as the noise level of an upscaler. */
    void labelled(long label) {
        classLabels = Ops.to(Ops.of(new long[] {label}, 1), checkpoint.device());
    }

    @Nullable
    Tensor classLabels() {
        return classLabels;
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

    /** All of it, in latents. */
    Region canvas() {
        int factor = checkpoint.codec().factor();
        return new Region(0, 0, size.width() / factor, size.height() / factor);
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
        return encode(request.prompts());
    }

    private List<Conditioner.Halves> encode(List<Prompt> prompts) {
        List<Conditioner.Halves> encoded = new Phase.Encode(prompts.size())
                .run(() -> checkpoint
                        .conditioner()
                        .encode(prompts, guided(), request.steps().count()));
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
        Region whole = canvas();
        Network.Canvas canvas = checkpoint.network().begin(this);
        try (GuidedNetwork denoiser = request.views().equals(Views.WHOLE)
                ? canvas.told(halves).part(whole, extra)
                : new MultiDiffusion(views(canvas, halves, extra), whole.height(), whole.width())) {
            return sample(start, denoiser, after, progress);
        }
    }

    /** Runs the sampler from {@code start} with another denoiser than the checkpoint's usual one. */
    Tensor sample(Tensor start, Denoiser denoiser, AfterCall after, Progress progress) {
        int calls = trajectory.timesteps().length;
        return trajectory.sample(start, denoiser, noise, (call, timestep, x) -> {
            checkpoint.trim();
            Tensor next = after.apply(call, x);
            progress.onCall(call + 1, calls, next);
            return next;
        });
    }

    /** The canvas in windows, then the regions, which count {@link #REGION} times as much where they are. */
    private List<MultiDiffusion.View> views(
            Network.Canvas canvas, List<Conditioner.Halves> halves, @Nullable Tensor extra) {
        // In patches: what the network takes as one lies in one view.
        int patch = checkpoint.network().patchSize();
        int unit = checkpoint.unit();
        int width = size.width() / unit;
        int height = size.height() / unit;
        Views.Window window = request.views().window();
        List<MultiDiffusion.View> views = new ArrayList<>();
        Network.Prompted prompted = canvas.told(halves);
        List<Region> windows =
                window == null ? List.of(new Region(0, 0, width, height)) : window.over(width, height, unit);
        for (Region part : windows) {
            Region where = part.times(patch);
            Tensor weight = windows.size() == 1
                    ? Ops.full(1, DType.F32, checkpoint.device(), 1, 1, where.height(), where.width())
                    : MultiDiffusion.tent(where, checkpoint.device());
            views.add(view(prompted, where, weight, extra));
        }
        for (Views.RegionPrompt region : request.views().regions()) {
            Region where = region.within(width, height, unit).times(patch);
            List<Conditioner.Halves> own = encode(request.prompts().stream()
                    .map(p -> p.withText(region.text()))
                    .toList());
            Tensor weight = MultiDiffusion.tent(where, checkpoint.device());
            if (region.mask() != null) {
                Tensor mask = VaeImages.softMask(region.mask(), where.width(), where.height(), VaeImages.Fit.STRETCH);
                weight = weight.mul(Ops.to(mask, checkpoint.device()));
            }
            views.add(view(canvas.told(own), where, Ops.mul(weight, REGION), extra));
        }
        return views;
    }

    private static MultiDiffusion.View view(
            Network.Prompted prompted, Region where, Tensor weight, @Nullable Tensor extra) {
        Tensor seen = extra == null ? null : MultiDiffusion.crop(extra, where);
        return new MultiDiffusion.View(where, weight, prompted.part(where, seen));
    }

    @Override
    public void close() {
        noise.close();
    }
}
