package dev.latente.training.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
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
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class VaeTaskTest {
    private static final VaeConfig VAE = VaeConfig.of(Json.parse("""
            {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 4,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}
            """));
    private static final WeightSource WEIGHTS = WeightSources.random(3);
    private static final Turn TURN = new Turn(1, 0, 0, 1);

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

    private static double[] losses(double equivariance) {
        VaeTask.Config config = new VaeTask.Config(2, 0.5, 1e-4, equivariance, 0);
        return Scopes.within(() -> {
            Task.Loss loss = new VaeTask(VAE, config, step -> batch()).loss(WEIGHTS, TURN);
            Tensor halved = loss.terms().get("halved");
            return new double[] {Ops.doubles(loss.total())[0], halved == null ? 0 : Ops.doubles(halved)[0]};
        });
    }

    /** Halves by means of four pixels what the task halves in its own way. */
    private static double halvedError() {
        return Scopes.within(() -> {
            try (Arena arena = new Arena();
                    Rng rng = TURN.rng("vae")) {
                AutoencoderKL vae = new AutoencoderKL(Params.of(WEIGHTS, arena), VAE);
                Tensor x = batch().pixels();
                Tensor latents = new Moments(vae.encode(x).parameters()).sample(rng.normal(2, 4, 8, 8));
                return Ops.doubles(
                        vae.decode(quarters(latents)).sub(quarters(x)).abs().mean())[0];
            }
        });
    }

    /** [B,C,H,W] -> [B,C,H/2,W/2]: the means of 2×2 neighbours. */
    private static Tensor quarters(Tensor x) {
        long[] shape = Ops.shape(x);
        return x.reshape(shape[0], shape[1], shape[2] / 2, 2, shape[3] / 2, 2).mean(5, 3);
    }

    @Test
    void halvedLatentsDecodeToTheHalvedPicture() {
        double[] without = losses(0);
        double[] with = losses(0.25);
        assertThat(without[1]).isZero();
        assertThat(with[1]).isCloseTo(halvedError(), Offset.offset(1e-5)).isPositive();
        assertThat(with[0]).isCloseTo(without[0] + 0.25 * with[1], Offset.offset(1e-5));
    }
}
