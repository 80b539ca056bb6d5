package dev.latente.models.unet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.nn.Params;
import dev.latente.nn.TokenMerging;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Samples that are seen with several texts are given once. */
class SharedSamplesTest {
    private static final WeightSource WEIGHTS = WeightSources.random(0);
    private static final long TEXTS = 6;

    private final Arena arena = new Arena();
    private final Rng rng = new Rng(0);

    @AfterEach
    void free() {
        rng.close();
        arena.close();
    }

    private static UNetConfig config(String first, String last, String more) {
        return UNetConfig.of(Json.parse("""
                {"block_out_channels": [8, 16], "layers_per_block": 1, "cross_attention_dim": 12, "attention_head_dim": 2,
                 "norm_num_groups": 4, "down_block_types": ["%s", "CrossAttnDownBlock2D"],
                 "up_block_types": ["CrossAttnUpBlock2D", "%s"]%s}
                """.formatted(first, last, more)));
    }

    private static UNetConfig config() {
        return config("CrossAttnDownBlock2D", "CrossAttnUpBlock2D", "");
    }

    private Params params() {
        return Params.of(WEIGHTS, arena);
    }

    private UNet2DCondition unet(UNetConfig config) {
        return new UNet2DCondition(params(), config);
    }

    private UNetConditioning text() {
        return UNetConditioning.text(rng.normal(TEXTS, 3, 12));
    }

    private static Tensor at(long... timesteps) {
        return Ops.of(timesteps, timesteps.length);
    }

    private static void assertSame(Tensor got, Tensor wanted) {
        assertThat(Ops.shape(got)).isEqualTo(Ops.shape(wanted));
        // Kernels may sum in another order for another batch.
        assertThat(got.sub(wanted).abs().max().item_double()).isLessThan(1e-5);
    }

    @Test
    void twoSamplesWithThreeTextsEachAreAsSix() {
        Scopes.run(() -> {
            Tensor x = rng.normal(2, 4, 7, 5);
            Tensor all = Ops.repeatTo(x, TEXTS);
            UNetConditioning text = text();
            for (UNetConfig config : new UNetConfig[] {
                config(),
                config("DownBlock2D", "UpBlock2D", ""),
                config("CrossAttnDownBlock2D", "CrossAttnUpBlock2D", ", \"only_cross_attention\": true")
            }) {
                UNet2DCondition unet = unet(config);
                assertSame(unet.forward(x, at(500), text), unet.forward(all, at(500), text));
                Tensor own = unet.forward(x, at(500, 20), text);
                assertSame(own, unet.forward(all, at(500, 20, 500, 20, 500, 20), text));
            }
        });
    }

    @Test
    void whatATextTellsEveryBlockPartsThemAtOnce() {
        Scopes.run(() -> {
            UNet2DCondition unet = unet(config(
                    "CrossAttnDownBlock2D",
                    "CrossAttnUpBlock2D",
                    ", \"addition_embed_type\": \"text_time\", \"addition_time_embed_dim\": 4,"
                            + " \"projection_class_embeddings_input_dim\": 30"));
            Tensor x = rng.normal(2, 4, 8, 6);
            UNetConditioning told =
                    UNetConditioning.textAndTime(rng.normal(TEXTS, 3, 12), rng.normal(TEXTS, 6), rng.normal(TEXTS, 6));
            assertSame(unet.forward(x, at(9), told), unet.forward(Ops.repeatTo(x, TEXTS), at(9), told));
        });
    }

    @Test
    void tokensMergeAlike() {
        Scopes.run(() -> {
            UNet2DCondition unet = unet(config()).merging(TokenMerging.NONE.with(0.5, 3));
            Tensor x = rng.normal(2, 4, 8, 8);
            UNetConditioning text = text();
            assertSame(unet.forward(x, at(9), text), unet.forward(Ops.repeatTo(x, TEXTS), at(9), text));
        });
    }

    @Test
    void featuresOfAControlNetFitBoth() {
        Scopes.run(() -> {
            UNet2DCondition unet = unet(config());
            Encoder control = new Encoder(params(), config());
            Tensor x = rng.normal(2, 4, 8, 8);
            Tensor all = Ops.repeatTo(x, TEXTS);
            Tensor hint = rng.normal(1, 8, 8, 8);
            UNetConditioning text = text();
            Features forAll = control.forward(all, at(9), text, hint);
            Tensor wanted = unet.forward(all, at(9), text, forAll);
            assertSame(unet.forward(x, at(9), text, forAll), wanted);
            assertSame(unet.forward(x, at(9), text, control.forward(x, at(9), text, hint)), wanted);
            assertSame(unet.forward(all, at(9), text, control.forward(x, at(9), text, hint)), wanted);
        });
    }

    @Test
    void theFirstResidualIsThatOfAll() {
        Scopes.run(() -> {
            UNet2DCondition unet = unet(config());
            Tensor x = rng.normal(2, 4, 8, 8);
            UNetConditioning text = text();
            assertSame(
                    unet.begin(x, at(9), text, 2).firstResidual(),
                    unet.begin(Ops.repeatTo(x, TEXTS), at(9), text, 2).firstResidual());
        });
    }
}
