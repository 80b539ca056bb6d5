package dev.latente.models.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ControlNetTest {
    private static final JsonNode UNET = Json.parse("""
            {"_class_name": "UNet2DConditionModel", "block_out_channels": [8, 16], "layers_per_block": 1, "sample_size": 8,
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
             "cross_attention_dim": 12, "attention_head_dim": 2, "norm_num_groups": 4}
            """);
    private static final WeightSource WEIGHTS = WeightSources.random(0);

    @Test
    void anUntrainedOneChangesNothing() {
        Scopes.run(() -> {
            try (Arena arena = new Arena();
                    Rng rng = new Rng(0)) {
                UNet2DCondition unet = new UNet2DCondition(Params.of(WEIGHTS, arena), UNetConfig.of(UNET));
                ControlNet net = new ControlNet(
                        Params.of(ControlNet.fromUNet(WEIGHTS, 1), arena),
                        ControlNetConfig.of(ControlNetConfig.forUNet(UNET)));
                Tensor x = rng.normal(2, 4, 4, 6);
                Tensor t = Ops.of(new long[] {500}, 1);
                UNetConditioning text = UNetConditioning.text(rng.normal(2, 3, 12));
                Features residuals = net.forward(x, t, text, net.hint(rng.normal(1, 3, 32, 48)));
                assertThat(Ops.floats(unet.forward(x, t, text, residuals)))
                        .isEqualTo(Ops.floats(unet.forward(x, t, text)));
            }
        });
    }

    @Test
    void aPictureOfAnotherSizeIsRefused() {
        Scopes.run(() -> {
            try (Arena arena = new Arena();
                    Rng rng = new Rng(0)) {
                ControlNet net =
                        new ControlNet(Params.of(WEIGHTS, arena), ControlNetConfig.of(ControlNetConfig.forUNet(UNET)));
                Tensor hint = net.hint(rng.normal(1, 3, 32, 32));
                UNetConditioning text = UNetConditioning.text(rng.normal(1, 3, 12));
                assertThatThrownBy(() -> net.forward(rng.normal(1, 4, 4, 6), Ops.of(new long[] {500}, 1), text, hint))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("[4x4]")
                        .hasMessageContaining("[6x4]");
            }
        });
    }

    @Test
    void theConfigurationIsThatOfTheUNetWithoutItsWayUp() {
        JsonNode json = ControlNetConfig.forUNet(UNET);
        assertThat(json.has("up_block_types")).isFalse();
        assertThat(json.path("_class_name").asString()).isEqualTo("ControlNetModel");
        ControlNetConfig config = ControlNetConfig.of(json);
        assertThat(config.unet().down()).isEqualTo(UNetConfig.of(UNET).down());
        assertThat(config.factor()).isEqualTo(8);
    }
}
