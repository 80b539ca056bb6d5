package dev.latente.training.tasks;

import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.AutoencoderTiny;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.data.Batch;
import dev.latente.weights.WeightSource;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * A tiny autoencoder that speaks the latents of a large one (TAESD, github.com/madebyollin/taesd): its decoder learns to draw
 * pictures from the large one's latents, its encoder to make these latents. The decoder's loss is {@link VaeTask}'s, without
 * the divergence; the encoder's is the squared error. All terms are means over elements.
 */
public final class TaesdTask implements Task {
    /**
     * Weights of the terms beside the absolute error, which counts once.
     *
     * @param squared of the squared error
     * @param edges of the absolute error of differences between neighbouring pixels
     * @param latents of the squared error of the latents
     * @param crop side of the random squares that are learned from, in pixels; 0 for whole pictures
     */
    public record Config(double squared, double edges, double latents, int crop) {
        public static final Config DEFAULT = new Config(2, 0.5, 0.5, 0);
    }

    private final AutoencoderTinyConfig tiny;
    private final AutoencoderKL teacher;
    private final Config config;
    private final LongFunction<Batch> batches;

    /** @param teacher whose latents they are; it learns nothing */
    public TaesdTask(AutoencoderTinyConfig tiny, AutoencoderKL teacher, Config config, LongFunction<Batch> batches) {
        this.tiny = tiny;
        this.teacher = teacher;
        this.config = config;
        this.batches = batches;
    }

    @Override
    public Loss loss(WeightSource weights, Turn turn) {
        try (Arena arena = new Arena();
                Rng rng = turn.rng("taesd")) {
            AutoencoderTiny model = new AutoencoderTiny(Params.of(weights, arena), tiny);
            Tensor pixels = VaeTask.crop(batches.apply(turn.index()).pixels(), config.crop, rng);
            Tensor latents = Ops.to(teacher.latents(pixels, (mean, std) -> mean), DType.F32);
            Tensor x = Ops.to(pixels, Ops.device(latents));
            Tensor error = Ops.to(model.pictures(latents), DType.F32).sub(x);
            Tensor absolute = error.abs().mean();
            Tensor squared = error.square().mean();
            Tensor edges = VaeTask.edges(error);
            Tensor own = Ops.to(model.latents(x, (mean, std) -> mean), DType.F32);
            Tensor encoded = own.sub(latents).square().mean();
            Tensor decoded = Ops.addScaled(Ops.addScaled(absolute, squared, config.squared), edges, config.edges);
            return new Loss(
                    Ops.addScaled(decoded, encoded, config.latents),
                    Map.of("absolute", absolute, "squared", squared, "edges", edges, "latents", encoded));
        }
    }
}
