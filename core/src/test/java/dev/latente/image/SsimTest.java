package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Structural similarity. */
class SsimTest {
    private static Picture waves(int shift) {
        byte[] data = new byte[32 * 24];
        for (int i = 0; i < data.length; i++) {
            int row = i / 32;
            data[i] = (byte) (128 + 100 * Math.sin((i % 32 + shift) * 0.7) * Math.cos(row * 0.5));
        }
        return new Picture(32, 24, 1, data);
    }

    @Test
    void equalPicturesAreWhollySimilar() {
        assertThat(Ssim.of(waves(0), waves(0))).isCloseTo(1, within(1e-12));
    }

    @Test
    void constantPicturesDifferByTheirMeansAlone() {
        double c1 = 0.01 * 255 * 0.01 * 255;
        double wanted = (2 * 100 * 150 + c1) / (100 * 100 + 150 * 150 + c1);
        assertThat(Ssim.of(Picture.filled(20, 20, 3, 100), Picture.filled(20, 20, 3, 150)))
                .isCloseTo(wanted, within(1e-9));
    }

    @Test
    void theFartherTheLess() {
        double near = Ssim.of(waves(0), waves(1));
        assertThat(near).isBetween(0.0, 0.99);
        assertThat(Ssim.of(waves(0), waves(3))).isLessThan(near);
    }

    @Test
    void pictureOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> Ssim.of(waves(0), Picture.filled(32, 25, 1, 0)))
                .hasMessageContaining("different sizes");
        assertThatThrownBy(() -> Ssim.of(Picture.filled(10, 32, 1, 0), Picture.filled(10, 32, 1, 0)))
                .hasMessageContaining("wanted at least 11x11");
    }
}
