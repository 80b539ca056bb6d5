package dev.latente.training.tasks;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.text.Tokenizer;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.losses.FlowMatching;
import dev.latente.training.losses.NoiseLevels;
import dev.latente.training.losses.PriorPreservation;
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
import org.jspecify.annotations.Nullable;

/**
 * Latent diffusion (Ho et al. 2020, algorithm 1; Rombach et al. 2022, section 3.3): noise the latents of pictures, predict what
 * was added. Weights have the name of their part before their own: {@code unet.conv_in.weight},
 * {@code text_encoder.text_model.…}, {@code controlnet.…}. Which of them learn is not the task's affair.
 */
public final class DiffusionTask implements Task {
    /**
     * A text encoder.
     *
     * @param name of the part: text_encoder or text_encoder_2
     */
    public record Text(String name, ClipTextConfig config, Tokenizer tokenizer) {}

    /**
     * The parts of a model that take part.
     *
     * @param texts encoders, whose states are laid side by side
     * @param control null without a ControlNet
     * @param scalingFactor of the latents
     */
    public record Model(
            UNetConfig unet,
            List<Text> texts,
            @Nullable ControlNetConfig control,
            NoiseSchedule schedule,
            double scalingFactor,
            Device device) {
        public Model {
            texts = List.copyOf(texts);
        }

        /** With one text encoder, on the CPU. */
        public Model(
                UNetConfig unet,
                ClipTextConfig text,
                Tokenizer tokenizer,
                NoiseSchedule schedule,
                double scalingFactor) {
            this(unet, List.of(new Text("text_encoder", text, tokenizer)), null, schedule, scalingFactor, Device.CPU);
        }

        public Model withDevice(Device value) {
            return new Model(unet, texts, control, schedule, scalingFactor, value);
        }

        public Model withTexts(List<Text> value) {
            return new Model(unet, value, control, schedule, scalingFactor, device);
        }

        public Model withControl(ControlNetConfig value) {
            return new Model(unet, texts, value, schedule, scalingFactor, device);
        }
    }

    /**
     * The objective.
     *
     * @param minSnrGamma 0 for equal weights
     * @param noiseOffset strength; 0 for none
     * @param inputPerturbation strength; 0 for none
     * @param captionDropout how often a caption is replaced by the empty one, so that guidance has something to guide from
     * @param priorWeight of the second half of each batch, the pictures of a subject's class (DreamBooth, Ruiz et al. 2023,
     *     section 3.2); 0 where all are alike
     * @param timesteps how often each is drawn
     */
    public record Config(
            Prediction prediction,
            double minSnrGamma,
            double noiseOffset,
            double inputPerturbation,
            double captionDropout,
            double priorWeight,
            TimestepSampling timesteps) {
        public static final Config DEFAULT = of(Prediction.EPSILON).withCaptionDropout(0.1);

        /** Nothing but the squared error. */
        public static Config of(Prediction prediction) {
            return new Config(prediction, 0, 0, 0, 0, 0, TimestepSampling.UNIFORM);
        }

        public Config withMinSnrGamma(double value) {
            return new Config(
                    prediction, value, noiseOffset, inputPerturbation, captionDropout, priorWeight, timesteps);
        }

        public Config withNoiseOffset(double value) {
            return new Config(
                    prediction, minSnrGamma, value, inputPerturbation, captionDropout, priorWeight, timesteps);
        }

        public Config withCaptionDropout(double value) {
            return new Config(prediction, minSnrGamma, noiseOffset, inputPerturbation, value, priorWeight, timesteps);
        }

        public Config withPriorWeight(double value) {
            return new Config(
                    prediction, minSnrGamma, noiseOffset, inputPerturbation, captionDropout, value, timesteps);
        }
    }

    /** How often each timestep is drawn. */
    public enum TimestepSampling {
        /** All alike. */
        UNIFORM,
        /** Those in the middle more often, where it is decided what a picture shows (Esser et al. 2024, section 3.1). */
        LOGIT_NORMAL;

        Tensor draw(Rng rng, int timesteps, long n) {
            return switch (this) {
                case UNIFORM -> rng.integers(0, timesteps, n);
                case LOGIT_NORMAL -> {
                    Tensor u = FlowMatching.logitNormal(rng.normal(n), 0, 1); // fp32 rounds a rare u to 1
                    yield Ops.to(Ops.clamp(Ops.mul(u, timesteps), 0, timesteps - 1.0), DType.I64);
                }
            };
        }
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
            Tensor timesteps = config.timesteps.draw(rng, model.schedule.trainTimesteps(), n);
            Tensor noise = rng.normal(Ops.shape(x0));
            if (config.noiseOffset > 0) {
                noise = TrainingNoise.offset(noise, rng.normal(n, x0.size(1), 1, 1), config.noiseOffset);
            }
            Tensor added = config.inputPerturbation == 0
                    ? noise
                    : TrainingNoise.perturbed(noise, rng.normal(Ops.shape(x0)), config.inputPerturbation);
            NoiseLevels levels = NoiseLevels.of(model.schedule, timesteps);
            UNetConditioning told =
                    new CaptionEncoder(model, weights, arena).encode(dropped(batch.captions(), rng), batch.micros());
            Tensor x = Ops.to(levels.noised(x0, added), Ops.dtype(told.encoderHiddenStates()), model.device);
            Tensor prediction = predict(weights, arena, x, Ops.to(timesteps, model.device), told, batch.control());
            return loss(prediction, Ops.to(levels.target(config.prediction, x0, noise), model.device), levels);
        }
    }

    private Tensor predict(
            WeightSource weights,
            Arena arena,
            Tensor x,
            Tensor timesteps,
            UNetConditioning told,
            @Nullable Tensor control) {
        Features residuals = null;
        if (model.control != null) {
            if (control == null) {
                throw new IllegalArgumentException(
                        "a ControlNet learns from control pictures: got a batch without them");
            }
            ControlNet net =
                    new ControlNet(Params.of(WeightSources.below(weights, "controlnet."), arena), model.control);
            residuals = net.forward(x, timesteps, told, net.hint(Ops.to(control, Ops.dtype(x), model.device)));
        }
        UNet2DCondition unet = new UNet2DCondition(Params.of(WeightSources.below(weights, "unet."), arena), model.unet);
        return unet.forward(x, timesteps, told, residuals);
    }

    private Loss loss(Tensor prediction, Tensor target, NoiseLevels levels) {
        Tensor error = SquaredError.perSample(prediction, target); // [B]
        Tensor mse = error.detach().mean();
        if (config.minSnrGamma > 0) {
            Tensor snr = SnrWeights.minSnr(config.prediction, levels.snr(), config.minSnrGamma);
            error = error.mul(Ops.to(snr, model.device));
        }
        if (config.priorWeight == 0) {
            return new Loss(error.mean(), Map.of("mse", mse));
        }
        Tensor prior = Ops.chunk(error.detach(), 2, 0)[1].mean();
        return new Loss(PriorPreservation.of(error, config.priorWeight), Map.of("mse", mse, "prior", prior));
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
