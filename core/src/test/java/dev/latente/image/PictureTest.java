package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PictureTest {
    /** Off by one everywhere: 20 log10(255). */
    @Test
    void measuresNoiseAgainstThePeak() {
        Picture a = Picture.filled(4, 4, 3, 200);
        assertThat(a.psnr(Picture.filled(4, 4, 3, 201))).isCloseTo(48.1308, within(1e-4));
        assertThat(a.psnr(a)).isInfinite();
        assertThatThrownBy(() -> a.psnr(Picture.filled(4, 5, 3, 200))).hasMessageContaining("4x5");
    }
}
