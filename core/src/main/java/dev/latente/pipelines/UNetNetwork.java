package dev.latente.pipelines;

import dev.latente.diffusion.Steps;
import dev.latente.image.Masks.Region;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The U-Net of Stable Diffusion 1, 2 and XL.
 *
 * @param wantsAestheticScore whether it is told an aesthetic score, as SDXL's refiner is
 */
record UNetNetwork(Built<UNet2DCondition> built, boolean wantsAestheticScore) implements Network {
    UNet2DCondition unet() {
        return built.model();
    }

    @Override
    public long inChannels() {
        return unet().config().inChannels();
    }

    @Override
    public LatentPreview.Space latents() {
        return pooled() ? LatentPreview.Space.SDXL : LatentPreview.Space.SD;
    }

    @Override
    public long sampleSize() {
        return unet().config().sampleSize();
    }

    /** One: whatever does not halve evenly is enlarged to the size that it had. */
    @Override
    public int patchSize() {
        return 1;
    }

    @Override
    public boolean toldGuidance() {
        return condSize() > 0;
    }

    /** Whether it is told the pooled text and sizes (SDXL). */
    boolean pooled() {
        return unet().config().embeddings().additionTimeSize() > 0;
    }

    @Override
    public double usualGuidance() {
        return toldGuidance() ? 8.5 : pooled() ? 5 : 7.5;
    }

    @Override
    public int usualSteps() {
        return toldGuidance() ? 4 : 20;
    }

    @Override
    public Steps cut(Steps steps, double strength) {
        return toldGuidance() ? steps.withOriginalStrength(strength) : steps.withStrength(strength);
    }

    @Override
    public UNetNetwork with(Models changes) {
        return new UNetNetwork(changes.changed(built), wantsAestheticScore);
    }

    @Override
    public Canvas begin(Run run) {
        Request request = run.request();
        Checkpoint checkpoint = run.checkpoint();
        if (!request.guiding().skip().layers().isEmpty()) {
            throw new IllegalArgumentException(
                    "skipped layers: got %s, wanted none: a U-Net is not guided by leaving out layers, only Stable Diffusion 3 is"
                            .formatted(request.guiding().skip().layers()));
        }
        List<SeenControl> controls = request.controls().stream()
                .map(control -> SeenControl.of(control, run.size(), checkpoint))
                .toList();
        SeenPictures pictures = SeenPictures.of(request.pictures(), checkpoint, run.batch(), run.guided());
        GuidedUNet.Guides guides = new GuidedUNet.Guides(controls, pictures);
        double[] noiseLevels = run.trajectory().noiseLevels();
        Region whole = run.canvas();
        return halves -> {
            List<GuidedUNet.Part> parts = halves.stream().map(h -> part(run, h)).toList();
            return (where, extra) -> {
                GuidedUNet.Guides seen = where.equals(whole) ? guides : guides.in(where, whole.width());
                return new GuidedUNet(checkpoint, request, noiseLevels, parts, seen, extra);
            };
        };
    }

    private GuidedUNet.Part part(Run run, Conditioner.Halves halves) {
        Request.Conditions told = run.request().micro();
        Micro micro = told.positive();
        UNetConditioning positive = conditioning(run, halves.positive(), micro);
        if (halves.negative() == null) {
            return new GuidedUNet.Part(halves.until(), positive, null);
        }
        Micro negative = told.negative() == null ? micro : told.negative();
        Conditioning both = halves.negative().then(halves.positive());
        return new GuidedUNet.Part(halves.until(), positive, conditioning(run, both, negative, micro));
    }

    /** The conditioning of the U-Net; one micro-conditioning for each half of the batch. */
    private UNetConditioning conditioning(Run run, Conditioning text, Micro... micros) {
        Checkpoint checkpoint = run.checkpoint();
        Tensor states = Ops.to(text.states(), checkpoint.dtype());
        UNetConditioning result = text.pooled() == null
                ? UNetConditioning.text(states)
                : UNetConditioning.textAndTime(states, Ops.to(text.pooled(), checkpoint.dtype()), timeIds(run, micros));
        if (run.classLabels() != null) {
            result = result.withClassLabels(run.classLabels());
        }
        return condSize() == 0 ? result : result.withTimestepCond(guidanceEmbedding(run));
    }

    private Tensor timeIds(Run run, Micro... micros) {
        Tensor[] rows = new Tensor[micros.length];
        for (int i = 0; i < rows.length; i++) {
            double[] ids = micros[i].timeIds(run.size(), wantsAestheticScore);
            rows[i] = Ops.of(ids, 1, ids.length).repeat(run.batch(), 1);
        }
        Checkpoint checkpoint = run.checkpoint();
        return Ops.to(Ops.cat(0, rows), checkpoint.dtype(), checkpoint.device());
    }

    private long condSize() {
        return unet().config().embeddings().condSize();
    }

    /** Sinusoids of 1000 · (scale - 1) [B,condSize] (Luo et al. 2023, section 4.2). */
    private Tensor guidanceEmbedding(Run run) {
        int half = (int) condSize() / 2;
        double w = (run.request().guiding().scale() - 1) * 1000;
        double[] values = new double[(int) condSize()];
        for (int i = 0; i < half; i++) {
            double angle = w * Math.exp(-Math.log(10000) * i / (half - 1));
            values[i] = Math.sin(angle);
            values[half + i] = Math.cos(angle);
        }
        Tensor row = Ops.of(values, 1, values.length).repeat(run.batch(), 1);
        return Ops.to(row, run.checkpoint().dtype(), run.checkpoint().device());
    }
}
