package dev.latente.models.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.nn.Conv2d;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The beginning, the deep part and the end of a U-Net, which calls share. */
class ShallowTest {
    private static final UNetConfig CONFIG = UNetConfig.of(Json.parse("""
            {"block_out_channels": [8, 16, 16], "layers_per_block": 1,
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
             "cross_attention_dim": 12, "attention_head_dim": 2, "norm_num_groups": 4}
            """));
    private static final WeightSource WEIGHTS = WeightSources.random(0);
    private static final Arena ARENA = new Arena();
    private static UNet2DCondition unet;
    private static Rng rng;

    @BeforeAll
    static void build() {
        unet = new UNet2DCondition(params(), CONFIG);
        rng = new Rng(0);
    }

    @AfterAll
    static void free() {
        rng.close();
        ARENA.close();
    }

    private static Params params() {
        return Params.of(WEIGHTS, ARENA);
    }

    private static Tensor at(long timestep) {
        return Ops.of(new long[] {timestep}, 1);
    }

    @Test
    void atEveryBranchThePartsMakeTheWhole() {
        Scopes.run(() -> {
            Tensor x = rng.normal(2, 4, 7, 5); // odd sides are not doubled on the way up
            UNetConditioning text = UNetConditioning.text(rng.normal(2, 3, 12));
            Features residuals = residuals(x, text);
            float[] plain = Ops.floats(unet.forward(x, at(500), text));
            float[] steered = Ops.floats(unet.forward(x, at(500), text, residuals));
            assertThat(steered).isNotEqualTo(plain);
            assertThat(unet.branches()).isEqualTo(6);
            for (int branch = 0; branch < unet.branches(); branch++) {
                Shallow shallow = unet.begin(x, at(500), text, branch);
                assertThat(Ops.floats(unet.finish(shallow, unet.deep(shallow, null), null)))
                        .isEqualTo(plain);
                assertThat(Ops.floats(unet.finish(shallow, unet.deep(shallow, residuals), residuals)))
                        .isEqualTo(steered);
            }
        });
    }

    /** Random ones of the right shapes. */
    private static Features residuals(Tensor x, UNetConditioning text) {
        Encoder encoder = new Encoder(params(), CONFIG);
        return encoder.forward(x, at(20), text, rng.normal(2, 8, 7, 5)).times(0.1);
    }

    @Test
    void aCallThatTakesDeepFeaturesIsTheOutermostLayersAlone() {
        Scopes.run(() -> {
            Tensor before = rng.normal(2, 4, 8, 6);
            Tensor now = rng.normal(2, 4, 8, 6);
            UNetConditioning text = UNetConditioning.text(rng.normal(2, 3, 12));
            Tensor deep = unet.deep(unet.begin(before, at(500), text, 0), null);
            Tensor taken = unet.finish(unet.begin(now, at(480), text, 0), deep, null);

            Tensor skip = new Conv2d(params().at("conv_in"), 4, 8, 3).forward(Ops.channelsLast(now));
            Layer.Context context = new Encoder(params(), CONFIG).context(at(480), text, Ops.dtype(now));
            Layer last = new Layer(
                    params().at("up_blocks").at(2), CONFIG, CONFIG.up().get(2), 1, 16);
            Tensor h = last.forward(deep, skip, context);
            Tensor normed = new GroupNorm(params().at("conv_norm_out"), 4, 8, CONFIG.eps()).forward(h);
            Tensor byHand = new Conv2d(params().at("conv_out"), 8, 4, 3).forward(Functional.silu(normed));

            assertThat(Ops.floats(taken)).isEqualTo(Ops.floats(byHand));
            assertThat(Ops.floats(taken)).isNotEqualTo(Ops.floats(unet.forward(now, at(480), text)));
        });
    }

    @Test
    void deepFeaturesHaveTheSizeOfTheirSkip() {
        Scopes.run(() -> {
            Tensor x = rng.normal(1, 4, 8, 6);
            UNetConditioning text = UNetConditioning.text(rng.normal(1, 3, 12));
            List<long[]> sizes = List.of(
                    new long[] {8, 6},
                    new long[] {8, 6},
                    new long[] {4, 3},
                    new long[] {4, 3},
                    new long[] {2, 2},
                    new long[] {2, 2});
            for (int branch = 0; branch < unet.branches(); branch++) {
                Tensor deep = unet.deep(unet.begin(x, at(9), text, branch), null);
                assertThat(new long[] {deep.size(2), deep.size(3)}).isEqualTo(sizes.get(branch));
            }
        });
    }

    @Test
    void theFirstResidualIsWhatTheFirstLayerAdds() {
        Scopes.run(() -> {
            Tensor x = rng.normal(1, 4, 8, 6);
            UNetConditioning text = UNetConditioning.text(rng.normal(1, 3, 12));
            Tensor skip = new Conv2d(params().at("conv_in"), 4, 8, 3).forward(Ops.channelsLast(x));
            Layer.Context context = new Encoder(params(), CONFIG).context(at(9), text, Ops.dtype(x));
            Layer first = new Layer(
                    params().at("down_blocks").at(0), CONFIG, CONFIG.down().get(0), 0, 8);
            assertThat(Ops.floats(unet.begin(x, at(9), text, 3).firstResidual()))
                    .isEqualTo(Ops.floats(first.forward(skip, context).sub(skip)));
            assertThatThrownBy(() -> unet.begin(x, at(9), text, 0).firstResidual())
                    .hasMessage("first residual: got branch [0], wanted at least 1");
        });
    }

    @Test
    void thereIsNoBranchBelowTheMiddle() {
        Scopes.run(() -> {
            Tensor x = rng.normal(1, 4, 8, 6);
            UNetConditioning text = UNetConditioning.text(rng.normal(1, 3, 12));
            assertThatThrownBy(() -> unet.begin(x, at(9), text, 6))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("branch: got [6], wanted 0 to 5 for this U-Net");
        });
    }
}
