package dev.latente.models.kunet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What does not need the numbers of the reference. */
class KUNetTest {
    private static final JsonNode CONFIG = Json.parse("""
            {"in_channels": 8, "out_channels": 5, "conv_in_kernel": 1, "conv_out_kernel": 1, "act_fn": "gelu",
             "block_out_channels": [32, 64], "layers_per_block": 2, "attention_head_dim": 8, "cross_attention_dim": 12,
             "down_block_types": ["KDownBlock2D", "KCrossAttnDownBlock2D"],
             "up_block_types": ["KCrossAttnUpBlock2D", "KUpBlock2D"], "norm_num_groups": null, "mid_block_type": null,
             "time_embedding_type": "fourier", "time_cond_proj_dim": 20, "timestep_post_act": "gelu"}
            """);

    @Test
    void theSampleKeepsItsSize() {
        try (Arena arena = new Arena()) {
            KUNet unet = new KUNet(Params.of(WeightSources.random(1), arena), KUNetConfig.of(CONFIG));
            Scopes.run(() -> {
                Tensor out = unet.forward(
                        Ops.full(0.5, DType.F32, Device.CPU, 2, 8, 6, 10),
                        Ops.full(0.3, DType.F32, Device.CPU, 1),
                        Ops.full(0.1, DType.F32, Device.CPU, 2, 7, 12),
                        Ops.full(0.2, DType.F32, Device.CPU, 2, 20));
                assertThat(Ops.shape(out)).containsExactly(2, 5, 6, 10);
                assertThat(Arrays.stream(Ops.doubles(out)).allMatch(Double::isFinite))
                        .isTrue();
            });
        }
    }

    @Test
    void halvingAndDoublingKeepStraightLinesInside() {
        Scopes.run(() -> {
            Tensor ramp = Ops.to(Ops.range(16), DType.F32).repeat(1, 1, 16, 1);
            double[] half = Ops.doubles(Resampling.halved(ramp));
            double[] twice = Ops.doubles(Resampling.doubled(ramp));
            for (int x = 1; x < 7; x++) {
                assertThat(half[8 * 3 + x]).isCloseTo(2 * x + 0.5, within(1e-5));
            }
            for (int x = 2; x < 30; x++) {
                assertThat(twice[32 * 5 + x]).isCloseTo(x / 2.0 - 0.25, within(1e-5));
            }
        });
    }

    @Test
    void otherArchitecturesAreRefused() {
        ObjectNode other = (ObjectNode) CONFIG.deepCopy();
        other.put("mid_block_type", "UNetMidBlock2DCrossAttn");
        assertThatThrownBy(() -> KUNetConfig.of(other)).hasMessageContaining("k-unet config: [mid_block_type] is");
    }
}
