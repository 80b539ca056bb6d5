package dev.latente.bench;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The networks that a picture passes.
 *
 * @param text in the order in which their states are laid side by side
 * @param t5 that also reads the prompt, or null
 * @param dtype that the denoiser and the text encoders compute in
 */
public record Parts(
        List<ClipTextModel> text,
        @Nullable T5Encoder t5,
        Denoiser denoiser,
        AutoencoderKL vae,
        SchedulerConfig scheduler,
        DType dtype,
        Device device) {
    public Parts {
        text = List.copyOf(text);
    }

    public static Parts of(Checkpoint c) {
        if (!(c.vae() instanceof AutoencoderKL vae)) {
            throw new IllegalArgumentException(
                    "bench: got a tiny autoencoder, wanted the checkpoint's own: leave out --vae");
        }
        return new Parts(c.textModels(), c.t5(), Denoiser.of(c), vae, c.scheduler(), c.dtype(), c.device());
    }

    /** Networks of those shapes with weights that repeat; they live as long as the arena. */
    public static Parts random(UntrainedCheckpoint shapes, DType dtype, Device device, Arena arena) {
        WeightSource weights = WeightSources.cast(WeightSources.repeating(0, arena), dtype, device);
        return new Parts(
                Stream.of("text_encoder", "text_encoder_2")
                        .filter(shapes.configs()::containsKey)
                        .map(name -> new ClipTextModel(
                                Params.of(weights, arena, WeightLayout.PREPARED),
                                ClipTextConfig.of(config(shapes, name))))
                        .toList(),
                shapes.configs().containsKey("text_encoder_3")
                        ? new T5Encoder(
                                Params.of(weights, arena, WeightLayout.PREPARED),
                                T5Config.of(config(shapes, "text_encoder_3")))
                        : null,
                Denoiser.of(shapes, Params.of(weights, arena, WeightLayout.PREPARED)),
                new AutoencoderKL(
                        Params.of(weights, arena, WeightLayout.PREPARED), VaeConfig.of(config(shapes, "vae"))),
                SchedulerConfig.of(Json.members(shapes.scheduler())),
                dtype,
                device);
    }

    /** Side of the latents that the denoiser was trained on. */
    public long sampleSize() {
        return denoiser.sampleSize();
    }

    static JsonNode config(UntrainedCheckpoint shapes, String part) {
        JsonNode config = shapes.configs().get(part);
        if (config == null) {
            throw new IllegalArgumentException(
                    "there is no [%s] in %s".formatted(part, shapes.configs().keySet()));
        }
        return config;
    }
}
