package dev.latente.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.VaeConfig;
import dev.latente.profile.Kind;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlopTest {
    /** Expected numbers are those that PyTorch's FlopCounterMode counts in diffusers' models. */
    @ParameterizedTest
    @CsvSource({
        "SD15, 803273441280, 1116658466816, 2514518933504",
        "SD21, 2149105745920, 2609118314496, 5754304364544",
        "SDXL, 6761236398080, 4878950727680, 10470392594432",
        "TINY, 12963840, 5947392, 11888640"
    })
    void countsAsTheReferenceDoes(Architecture architecture, long unet, long encode, long decode) {
        var configs = architecture.checkpoint().configs();
        UNetConfig u = UNetConfig.of(Objects.requireNonNull(configs.get("unet")));
        VaeConfig v = VaeConfig.of(Objects.requireNonNull(configs.get("vae")));
        long side = u.sampleSize();
        assertThat(Flop.unet(u, side, side, 77).total()).isEqualTo(unet);
        assertThat(Flop.encode(v, side, side).total()).isEqualTo(encode);
        assertThat(Flop.decode(v, side, side).total()).isEqualTo(decode);
    }

    /** As above; of the text, CLIP's tokens and 256 of T5. */
    @ParameterizedTest
    @CsvSource({"SD3, 8904337539072", "SD35_MEDIUM, 11249573707776"})
    void countsTransformersAsTheReferenceDoes(Architecture architecture, long transformer) {
        var configs = architecture.checkpoint().configs();
        MMDiTConfig c = MMDiTConfig.of(Objects.requireNonNull(configs.get("transformer")));
        VaeConfig v = VaeConfig.of(Objects.requireNonNull(configs.get("vae")));
        T5Config t5 = T5Config.of(Objects.requireNonNull(configs.get("text_encoder_3")));
        assertThat(Flop.transformer(c, 128, 128, 77 + 256).total()).isEqualTo(transformer);
        assertThat(Flop.encode(v, 128, 128).total()).isEqualTo(4882572509184L);
        assertThat(Flop.decode(v, 128, 128).total()).isEqualTo(10472204009472L);
        assertThat(Flop.text(t5, 256).total()).isEqualTo(2396591751168L);
    }

    /** By hand, for the self-attention of Stable Diffusion 1: 16 transformers at 4 resolutions, 5 of them at each of the finest three. */
    @Test
    void tellsTheKindsApart() {
        UNetConfig u = UNetConfig.of(
                Objects.requireNonNull(Architecture.SD15.checkpoint().configs().get("unet")));
        Flop flop = Flop.unet(u, 64, 64, 77);
        long self = 0;
        long cross = 0;
        for (long[] stage : new long[][] {{5, 4096, 320}, {5, 1024, 640}, {5, 256, 1280}, {1, 64, 1280}}) {
            self += stage[0] * 4 * stage[1] * stage[1] * stage[2];
            cross += stage[0] * 4 * stage[1] * 77 * stage[2];
        }
        assertThat(flop.of(Kind.SELF_ATTENTION)).isEqualTo(self);
        assertThat(flop.of(Kind.CROSS_ATTENTION)).isEqualTo(cross);
        assertThat(flop.of(Kind.JVM)).isZero();
        assertThat(flop.plus(flop)).isEqualTo(flop.times(2));
    }
}
