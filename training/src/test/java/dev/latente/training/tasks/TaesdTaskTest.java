package dev.latente.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.AutoencoderTiny;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.data.Batch;
import dev.latente.training.data.Sample;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TaesdTaskTest {
    private static final VaeConfig LARGE = VaeConfig.of(Json.parse("""
            {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 4,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "scaling_factor": 0.5}
            """));
    private static final AutoencoderTinyConfig TINY = AutoencoderTinyConfig.of(Json.parse("""
            {"encoder_block_out_channels": [8, 8], "decoder_block_out_channels": [8, 8],
             "num_encoder_blocks": [1, 1], "num_decoder_blocks": [1, 1]}
            """));
    private static final WeightSource WEIGHTS = WeightSources.random(3);

    /** Two pictures of noise. */
    private static Batch batch() {
        return Scopes.within(() -> {
            try (Rng rng = new Rng(2)) {
                List<Sample> samples = List.of(Picture.fromTensor(rng.uniform(2, 3, 16, 16))).stream()
                        .map(picture -> new Sample("noise", picture, "", Micro.DEFAULT, false))
                        .toList();
                return new Batch(0, 0, new Size(16, 16), samples);
            }
        });
    }

    @Test
    void theDecoderLearnsFromTheLargeOnesLatentsAndTheEncoderToMakeThem() {
        Scopes.run(() -> {
            try (Arena arena = new Arena()) {
                AutoencoderKL large = new AutoencoderKL(Params.of(WEIGHTS, arena), LARGE);
                AutoencoderTiny tiny = new AutoencoderTiny(Params.of(WEIGHTS, arena), TINY);
                Task.Loss loss = new TaesdTask(TINY, large, new TaesdTask.Config(2, 0.5, 3, 0), step -> batch())
                        .loss(WEIGHTS, new Turn(1, 0, 0, 1));

                Tensor x = batch().pixels();
                Tensor latents = Ops.mul(large.encode(x).mean(), 0.5);
                Tensor error = tiny.decode(latents).sub(x);
                double absolute = number(error.abs().mean());
                double squared = number(error.square().mean());
                Tensor across = error.narrow(3, 1, 15).sub(error.narrow(3, 0, 15));
                Tensor down = error.narrow(2, 1, 15).sub(error.narrow(2, 0, 15));
                double edges = number(across.abs().mean()) + number(down.abs().mean());
                double encoded = number(tiny.encode(x).sub(latents).square().mean());
                assertThat(number(loss.total()))
                        .isCloseTo(absolute + 2 * squared + 0.5 * edges + 3 * encoded, Offset.offset(1e-4));
                assertThat(number(Objects.requireNonNull(loss.terms().get("latents"))))
                        .isCloseTo(encoded, Offset.offset(1e-5))
                        .isPositive();
            }
        });
    }

    private static double number(Tensor x) {
        return Ops.doubles(x)[0];
    }
}
