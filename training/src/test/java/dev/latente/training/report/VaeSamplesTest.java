package dev.latente.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.image.Picture;
import org.junit.jupiter.api.Test;

class VaeSamplesTest {
    /** Off by one everywhere: 20 log10(255). */
    @Test
    void measuresNoiseAgainstThePeak() {
        Picture a = Picture.filled(4, 4, 3, 200);
        assertThat(VaeSamples.psnr(a, Picture.filled(4, 4, 3, 201))).isCloseTo(48.1308, within(1e-4));
        assertThat(VaeSamples.psnr(a, a)).isInfinite();
    }
}
