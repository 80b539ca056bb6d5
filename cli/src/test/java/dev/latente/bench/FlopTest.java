package dev.latente.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.VaeConfig;
import java.util.Objects;
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
        assertThat(Flop.unet(u, side, side, 77)).isEqualTo(unet);
        assertThat(Flop.encode(v, side, side)).isEqualTo(encode);
        assertThat(Flop.decode(v, side, side)).isEqualTo(decode);
    }
}
