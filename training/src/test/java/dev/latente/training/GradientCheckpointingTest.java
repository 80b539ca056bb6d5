package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of whole models with gradient checkpointing and without it. */
class GradientCheckpointingTest {
    private static final UNetConfig UNET = UNetConfig.of(Json.parse("""
            {"block_out_channels": [16, 32], "layers_per_block": 1, "cross_attention_dim": 12, "attention_head_dim": 4,
             "norm_num_groups": 4, "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
            """));
    private static final VaeConfig VAE = VaeConfig.of(Json.parse("""
            {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 4,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}
            """));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void leavesTheGradientsOfAUNetAsTheyAre() {
        assertSame(Shapes.of(p -> new UNet2DCondition(p, UNET)), (weights, turn) -> {
            // The model's weights are freed before the way back, as every task does.
            try (Arena arena = new Arena();
                    Rng rng = turn.rng("data")) {
                UNet2DCondition unet = new UNet2DCondition(Params.of(weights, arena), UNET);
                Tensor x = rng.normal(2, 4, 8, 8);
                Tensor timesteps = Ops.of(new long[] {7, 300}, 2);
                Tensor y = unet.forward(x, timesteps, UNetConditioning.text(rng.normal(2, 5, 12)));
                return Task.Loss.of(y.sub(rng.normal(2, 4, 8, 8)).square().mean());
            }
        });
    }

    @Test
    void leavesTheGradientsOfAnAutoencoderAsTheyAre() {
        assertSame(Shapes.of(p -> new AutoencoderKL(p, VAE)), (weights, turn) -> {
            try (Arena arena = new Arena();
                    Rng rng = turn.rng("data")) {
                AutoencoderKL vae = new AutoencoderKL(Params.of(weights, arena), VAE);
                Tensor x = rng.uniform(2, 3, 16, 16);
                return Task.Loss.of(
                        vae.decode(vae.encode(x).mean()).sub(x).square().mean());
            }
        });
    }

    private void assertSame(Map<String, long[]> shapes, Task task) {
        List<Double> norms = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        float[] plain = gradients(shapes, task, false, norms, losses);
        float[] again = gradients(shapes, task, true, norms, losses);
        assertThat(losses.get(2)).isEqualTo(losses.get(0));
        assertThat(norms.get(0)).isPositive();
        // A tensor that several blocks use gets its gradients in sums of another order.
        for (int i = 0; i < plain.length; i++) {
            assertThat(again[i]).isCloseTo(plain[i], within((float) (1e-5 * norms.get(1))));
        }
    }

    /** Of the second of two steps. */
    private float[] gradients(
            Map<String, long[]> shapes, Task task, boolean checkpointing, List<Double> norms, List<Double> losses) {
        TrainingConfig config = TrainingConfig.builder(2, 1e-4)
                .seed(9)
                .accumulation(2)
                .clip(0)
                .saveEvery(10)
                .gradientCheckpointing(checkpointing)
                .build();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void step(Step step) {
                norms.add(step.gradientNorm());
                losses.add(step.loss());
            }
        };
        try (Parameters parameters = new Parameters(shapes, WeightSources.random(4), Device.CPU);
                Trainer trainer = new Trainer(
                        folder.resolve("run-" + checkpointing), config, parameters, task, List.of(listener))) {
            trainer.run(() -> false);
            return Scopes.within(() -> Ops.floats(parameters.gradients()));
        }
    }
}
