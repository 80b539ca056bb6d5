package dev.latente.weights.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoNativeLeaks.class)
class LoraTest {
    private static final UNetConfig UNET = UNetConfig.of(Json.parse("""
            {"block_out_channels": [8, 8], "layers_per_block": 1, "cross_attention_dim": 8, "attention_head_dim": 2,
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "norm_num_groups": 8,
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
            """));

    private static Map<String, List<Long>> shapes() {
        return WeightSources.shapes(source -> {
            try (Arena arena = new Arena()) {
                new UNet2DCondition(Params.of(source, arena), UNET);
            }
        });
    }

    private static WeightSource zeros(String... names) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of(names);
            }

            @Override
            public Tensor get(String key, long... shape) {
                return Ops.mul(WeightSources.random(0).get(key, shape), 0);
            }
        };
    }

    @Test
    void addsTheScaledProduct() {
        Scopes.run(() -> {
            LowRank change = new LowRank(Ops.of(new float[] {1, 2, 3}, 1, 3), Ops.of(new float[] {10, 20}, 2, 1), 0.5);
            WeightSource source = Lora.withLora(zeros("x.weight", "y.weight"), new Lora(Map.of("x.weight", change)), 2);
            assertThat(Ops.floats(source.get("x.weight", 2, 3))).containsExactly(10, 20, 30, 20, 40, 60);
            assertThat(Ops.floats(source.get("y.weight", 1, 1))).containsExactly(0);
        });
    }

    @Test
    void gradientsReachBothHalves() {
        Scopes.run(() -> {
            Tensor a = Ops.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2).requires_grad_(true);
            Tensor b = Ops.of(new float[] {10, 20}, 2, 1, 1, 1).requires_grad_(true);
            Lora lora = new Lora(Map.of("x.weight", new LowRank(a, b, 3)));
            Lora.withLora(zeros("x.weight"), lora, 1)
                    .get("x.weight", 2, 1, 2, 2)
                    .sum()
                    .backward();
            assertThat(Ops.floats(a.grad())).containsExactly(90, 90, 90, 90);
            assertThat(Ops.floats(b.grad())).containsExactly(30, 30);
            assertThat(lora.parameters()).containsExactly(a, b);
        });
    }

    @Test
    void whatChangesNothingIsNamed() {
        Scopes.run(() -> {
            LowRank change = new LowRank(Ops.of(new float[3], 1, 3), Ops.of(new float[2], 2, 1), 1);
            Lora lora = new Lora(Map.of("nowhere.weight", change));
            assertThatThrownBy(() -> Lora.withLora(zeros("x.weight"), lora, 1))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("[nowhere.weight]");
            WeightSource misfit = Lora.withLora(zeros("x.weight"), new Lora(Map.of("x.weight", change)), 1);
            assertThatThrownBy(() -> misfit.get("x.weight", 2, 4))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("[x.weight]")
                    .hasMessageContaining("[2, 4]");
        });
    }

    @Test
    void aNewOneChangesNothingAndFitsEveryTarget() {
        try (Arena arena = new Arena();
                Rng rng = new Rng(0)) {
            LoraTargets all = LoraTargets.TRANSFORMER.or(LoraTargets.CONVOLUTION);
            Lora lora = LoraConfig.of(4).withTargets(all).create(shapes(), rng, Device.CPU, arena);
            assertThat(lora.layers())
                    .containsKeys(
                            "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0.weight",
                            "down_blocks.0.resnets.0.conv1.weight",
                            "down_blocks.0.downsamplers.0.conv.weight",
                            "up_blocks.1.attentions.0.proj_in.weight")
                    .doesNotContainKeys("conv_in.weight", "mid_block.attentions.0.norm.weight");
            Scopes.run(() -> shapes().forEach((key, shape) -> {
                long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
                WeightSource plain = WeightSources.random(1);
                assertThat(Ops.floats(Lora.withLora(plain, lora, 1).get(key, dims)))
                        .containsExactly(Ops.floats(plain.get(key, dims)));
            }));
        }
    }

    @Test
    void attentionsAreTheUsualTargets() {
        try (Arena arena = new Arena();
                Rng rng = new Rng(0)) {
            Lora lora = LoraConfig.of(2).create(shapes(), rng, Device.CPU, arena);
            assertThat(lora.layers().keySet()).allMatch(k -> k.matches(".*attn[12]\\.to_(q|k|v|out\\.0)\\.weight"));
            assertThat(lora.layers()).hasSize(4 * 2 * 4);
            LoraConfig none = LoraConfig.of(2).withTargets(LoraTargets.of("nothing"));
            assertThatThrownBy(() -> none.create(shapes(), rng, Device.CPU, arena))
                    .hasMessageContaining("target");
        }
    }

    @Test
    void beginsAsPeftDoes() {
        Map<String, List<Long>> one = Map.of("to_q.weight", List.of(8L, 400L));
        try (Arena arena = new Arena();
                Rng rng = new Rng(0)) {
            LoraConfig config = LoraConfig.of(16);
            double[] gaussian = begin(config, one, rng, arena);
            assertThat(deviation(gaussian)).isCloseTo(1.0 / 16, within(0.002));
            double[] uniform = begin(config.withInit(LoraConfig.Init.KAIMING), one, rng, arena);
            assertThat(Arrays.stream(uniform).map(Math::abs).max().orElseThrow())
                    .isCloseTo(1 / Math.sqrt(400), within(1e-3));
        }
    }

    private static double[] begin(LoraConfig config, Map<String, List<Long>> shapes, Rng rng, Arena arena) {
        Lora lora = config.create(shapes, rng, Device.CPU, arena);
        return Scopes.within(() -> Ops.doubles(lora.parameters().get(0)));
    }

    private static double deviation(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElseThrow());
    }
}
