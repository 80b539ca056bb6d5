package dev.latente.training.tasks;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.text.Tokenizer;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.losses.NoiseLevels;
import dev.latente.training.losses.SnrWeights;
import dev.latente.training.losses.SquaredError;
import dev.latente.training.losses.TrainingNoise;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * Latent diffusion (Ho et al. 2020, algorithm 1; Rombach et al. 2022, section 3.3): noise the latents of pictures, predict what
 * was added. Weights have the name of their part before their own: {@code unet.conv_in.weight},
 * {@code text_encoder.text_model.…}.
 */
public final class DiffusionTask implements Task {
    /** The parts of a model that take part. */
    public record Model(
            UNetConfig unet, ClipTextConfig text, Tokenizer tokenizer, NoiseSchedule schedule, double scalingFactor) {}

    /**
     * The objective.
     *
     * @param minSnrGamma 0 for equal weights
     * @param noiseOffset strength; 0 for none
     * @param inputPerturbation strength; 0 for none
     * @param captionDropout how often a caption is replaced by the empty one, so that guidance has something to guide from
     */
    public record Config(
            Prediction prediction,
            double minSnrGamma,
            double noiseOffset,
            double inputPerturbation,
            double captionDropout) {
        public static final Config DEFAULT = new Config(Prediction.EPSILON, 0, 0, 0, 0.1);
    }

    private final Model model;
    private final Config config;
    private final LongFunction<LatentBatch> batches;

    public DiffusionTask(Model model, Config config, LongFunction<LatentBatch> batches) {
        this.model = model;
        this.config = config;
        this.batches = batches;
    }

    @Override
    public Loss loss(WeightSource weights, Turn turn) {
        try (Arena arena = new Arena();
                Rng rng = turn.rng("diffusion")) {
            LatentBatch batch = batches.apply(turn.index());
            long n = batch.mean().size(0);
            Tensor x0 = Ops.mul(
                    batch.mean().add(batch.std().mul(rng.normal(Ops.shape(batch.mean())))), model.scalingFactor);
            Tensor timesteps = rng.integers(0, model.schedule.trainTimesteps(), n);
            Tensor noise = rng.normal(Ops.shape(x0));
            if (config.noiseOffset > 0) {
                noise = TrainingNoise.offset(noise, rng.normal(n, x0.size(1), 1, 1), config.noiseOffset);
            }
            Tensor added = config.inputPerturbation == 0
                    ? noise
                    : TrainingNoise.perturbed(noise, rng.normal(Ops.shape(x0)), config.inputPerturbation);
            NoiseLevels levels = NoiseLevels.of(model.schedule, timesteps);
            Tensor states = encode(weights, arena, dropped(batch.captions(), rng));
            UNet2DCondition unet =
                    new UNet2DCondition(Params.of(WeightSources.below(weights, "unet."), arena), model.unet);
            Tensor prediction = unet.forward(
                    Ops.to(levels.noised(x0, added), Ops.dtype(states)), timesteps, UNetConditioning.text(states));
            Tensor error = SquaredError.perSample(prediction, levels.target(config.prediction, x0, noise));
            Tensor loss = config.minSnrGamma == 0
                    ? error
                    : error.mul(SnrWeights.minSnr(config.prediction, levels.snr(), config.minSnrGamma));
            return new Loss(loss.mean(), Map.of("mse", error.detach().mean()));
        }
    }

    /** The captions' last hidden states [B,tokens,d]. */
    private Tensor encode(WeightSource weights, Arena arena, List<String> captions) {
        ClipTextModel encoder =
                new ClipTextModel(Params.of(WeightSources.below(weights, "text_encoder."), arena), model.text);
        Tensor ids = Tokens.ids(model.tokenizer, (int) model.text.positions(), captions);
        return encoder.forward(ids, null).lastHiddenState();
    }

    private List<String> dropped(List<String> captions, Rng rng) {
        float[] chance = Ops.floats(rng.uniform(captions.size()));
        List<String> out = new ArrayList<>(captions);
        for (int i = 0; i < chance.length; i++) {
            if (chance[i] < config.captionDropout) {
                out.set(i, "");
            }
        }
        return out;
    }
}
