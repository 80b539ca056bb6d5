package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RearrangedTest {
    /** Red grows to the right and green downwards. */
    private static Picture gradient(int width, int height) {
        byte[] data = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                data[3 * (y * width + x)] = (byte) (255 * x / (width - 1));
                data[3 * (y * width + x) + 1] = (byte) (255 * y / (height - 1));
            }
        }
        return new Picture(width, height, 3, data);
    }

    @Test
    void aTileKeepsColoursAndLosesDetails() {
        Picture board = Picture.filled(33, 16, 3, 0);
        for (int i = 0; i < 33 * 16; i += 2) {
            board = board.paste(Picture.filled(1, 1, 3, 255), i % 33, i / 33);
        }
        Picture tile = Rearranged.tile(board, 8);
        assertThat(tile.width()).isEqualTo(33);
        for (byte value : tile.data()) {
            assertThat(value & 255).isBetween(120, 136);
        }
        assertThat(Rearranged.tile(board, 1)).isEqualTo(board);
        assertThatThrownBy(() -> Rearranged.tile(gradient(4, 4), 0)).hasMessageContaining("[0]");
    }

    @Test
    void whatIsShuffledIsSmoothAndDependsOnTheSeed() {
        Picture picture = gradient(64, 48);
        Picture shuffled = Rearranged.shuffled(picture, 7, 24);
        assertThat(shuffled).isEqualTo(Rearranged.shuffled(picture, 7, 24)).isNotEqualTo(picture);
        assertThat(shuffled).isNotEqualTo(Rearranged.shuffled(picture, 8, 24));
        int most = 0;
        int least = 255;
        for (int y = 0; y < 48; y++) {
            for (int x = 0; x < 64; x++) {
                int left = shuffled.at(Math.max(0, x - 1), y, 0);
                assertThat(Math.abs(shuffled.at(x, y, 0) - left)).isLessThan(40);
                most = Math.max(most, shuffled.at(x, y, 0));
                least = Math.min(least, shuffled.at(x, y, 0));
            }
        }
        // Each coordinate comes from one border of the picture to the other.
        assertThat(most).isGreaterThan(240);
        assertThat(least).isLessThan(15);
    }

    @Test
    void segmentsHaveTheColoursOfTheirClasses() {
        Picture classes = new Picture(5, 1, 1, new byte[] {0, 2, 12, (byte) 149, (byte) 150});
        assertThat(Rearranged.segments(classes).data())
                .containsExactly(
                        120, 120, 120, 6, (byte) 230, (byte) 230, (byte) 150, 5, 61, 92, 0, (byte) 255, 0, 0, 0);
        assertThatThrownBy(() -> Rearranged.segments(gradient(2, 2))).hasMessageContaining("gray");
    }
}
