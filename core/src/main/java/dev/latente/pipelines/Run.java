package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.image.Masks.Region;
import dev.latente.image.VaeImages;
import dev.latente.models.unet.UNetConditioning;
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
        int factor = checkpoint.codec().factor();
        if (size.width() % factor != 0 || size.height() % factor != 0) {
            throw new IllegalArgumentException(
                    "size: got [%s], wanted multiples of %d for this checkpoint".formatted(size, factor));
        }
        this.checkpoint = checkpoint;
        this.request = request;
        this.size = size;
        Scheduler scheduler = request.scheduler() == null ? Schedulers.of(checkpoint.scheduler()) : request.scheduler();
        trajectory = scheduler.trajectory(steps);
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
        return request.guiding().scale() > 1 && condSize() == 0;
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
     * @param extra channels that the U-Net sees beside the sample, or null
     */
    Tensor sample(
            Tensor start, List<Conditioner.Halves> halves, @Nullable Tensor extra, AfterCall after, Progress progress) {
        List<GuidedUNet.Part> parts = halves.stream().map(this::part).toList();
        List<SeenControl> controls = request.controls().stream()
                .map(control -> SeenControl.of(control, size, checkpoint))
                .toList();
        SeenPictures pictures = SeenPictures.of(request.pictures(), checkpoint, batch(), guided());
        GuidedUNet.Guides guides = new GuidedUNet.Guides(controls, pictures);
        if (request.views().equals(Views.WHOLE)) {
            try (GuidedUNet denoiser = guided(parts, guides, extra)) {
                return sample(start, denoiser, after, progress);
            }
        }
        try (MultiDiffusion denoiser = new MultiDiffusion(views(parts, guides, extra), start.size(2), start.size(3))) {
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

    private GuidedUNet guided(List<GuidedUNet.Part> parts, GuidedUNet.Guides guides, @Nullable Tensor extra) {
        return new GuidedUNet(checkpoint, request, trajectory.noiseLevels(), parts, guides, extra);
    }

    /** The canvas in windows, then the regions, which count {@link #REGION} times as much where they are. */
    private List<MultiDiffusion.View> views(
            List<GuidedUNet.Part> parts, GuidedUNet.Guides guides, @Nullable Tensor extra) {
        int factor = checkpoint.codec().factor();
        int width = size.width() / factor;
        int height = size.height() / factor;
        Views.Window window = request.views().window();
        List<MultiDiffusion.View> views = new ArrayList<>();
        List<Region> windows =
                window == null ? List.of(new Region(0, 0, width, height)) : window.over(width, height, factor);
        for (Region where : windows) {
            Tensor weight = windows.size() == 1
                    ? Ops.full(1, DType.F32, checkpoint.device(), 1, 1, height, width)
                    : MultiDiffusion.tent(where, checkpoint.device());
            views.add(view(where, weight, parts, guides, extra));
        }
        for (Views.RegionPrompt region : request.views().regions()) {
            Region where = region.within(width, height, factor);
            List<GuidedUNet.Part> own =
                    encode(request.prompts().stream()
                                    .map(p -> p.withText(region.text()))
                                    .toList())
                            .stream()
                            .map(this::part)
                            .toList();
            Tensor weight = MultiDiffusion.tent(where, checkpoint.device());
            if (region.mask() != null) {
                Tensor mask = VaeImages.softMask(region.mask(), where.width(), where.height(), VaeImages.Fit.STRETCH);
                weight = weight.mul(Ops.to(mask, checkpoint.device()));
            }
            views.add(view(where, Ops.mul(weight, REGION), own, guides, extra));
        }
        return views;
    }

    private MultiDiffusion.View view(
            Region where,
            Tensor weight,
            List<GuidedUNet.Part> parts,
            GuidedUNet.Guides guides,
            @Nullable Tensor extra) {
        int width = size.width() / checkpoint.codec().factor();
        List<SeenControl> seen =
                guides.controls().stream().map(c -> c.in(where, width)).toList();
        GuidedUNet.Guides own = new GuidedUNet.Guides(seen, guides.pictures());
        return new MultiDiffusion.View(
                where, weight, guided(parts, own, extra == null ? null : MultiDiffusion.crop(extra, where)));
    }

    private GuidedUNet.Part part(Conditioner.Halves halves) {
        Micro micro = request.micro().positive();
        UNetConditioning positive = conditioning(halves.positive(), micro);
        if (halves.negative() == null) {
            return new GuidedUNet.Part(halves.until(), positive, null);
        }
        Micro negative =
                request.micro().negative() == null ? micro : request.micro().negative();
        Conditioning both = halves.negative().then(halves.positive());
        return new GuidedUNet.Part(halves.until(), positive, conditioning(both, negative, micro));
    }

    /** The conditioning of the U-Net; one micro-conditioning for each half of the batch. */
    private UNetConditioning conditioning(Conditioning text, Micro... micros) {
        Tensor states = Ops.to(text.states(), checkpoint.dtype());
        UNetConditioning result = text.pooled() == null
                ? UNetConditioning.text(states)
                : UNetConditioning.textAndTime(states, Ops.to(text.pooled(), checkpoint.dtype()), timeIds(micros));
        if (classLabels != null) {
            result = result.withClassLabels(classLabels);
        }
        return condSize() == 0 ? result : result.withTimestepCond(guidanceEmbedding());
    }

    private Tensor timeIds(Micro... micros) {
        Tensor[] rows = new Tensor[micros.length];
        for (int i = 0; i < rows.length; i++) {
            double[] ids = micros[i].timeIds(size, checkpoint.wantsAestheticScore());
            rows[i] = Ops.of(ids, 1, ids.length).repeat(batch(), 1);
        }
        return Ops.to(Ops.cat(0, rows), checkpoint.dtype(), checkpoint.device());
    }

    private long condSize() {
        return checkpoint.unet().config().embeddings().condSize();
    }

    /** Sinusoids of 1000 · (scale - 1) [B,condSize] (Luo et al. 2023, section 4.2). */
    private Tensor guidanceEmbedding() {
        int half = (int) condSize() / 2;
        double w = (request.guiding().scale() - 1) * 1000;
        double[] values = new double[(int) condSize()];
        for (int i = 0; i < half; i++) {
            double angle = w * Math.exp(-Math.log(10000) * i / (half - 1));
            values[i] = Math.sin(angle);
            values[half + i] = Math.cos(angle);
        }
        Tensor row = Ops.of(values, 1, values.length).repeat(batch(), 1);
        return Ops.to(row, checkpoint.dtype(), checkpoint.device());
    }

    @Override
    public void close() {
        noise.close();
    }
}
