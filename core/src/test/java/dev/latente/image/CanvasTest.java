package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Room around a picture. */
class CanvasTest {
    private static final Picture PICTURE = new Picture(2, 1, 1, new byte[] {10, 20});

    @Test
    void bordersAreRepeatedAndWhatIsNewIsWhiteInTheMask() {
        Canvas canvas = Canvas.parse("1, 0, 2, 1");
        assertThat(canvas.around(PICTURE))
                .isEqualTo(new Picture(5, 2, 1, new byte[] {10, 10, 20, 20, 20, 10, 10, 20, 20, 20}));
        assertThat(canvas.mask(PICTURE, null))
                .isEqualTo(new Picture(5, 2, 1, new byte[] {-1, 0, 0, -1, -1, -1, -1, -1, -1, -1}));
        assertThat(canvas.mask(PICTURE, new Picture(2, 1, 1, new byte[] {7, 0})).at(1, 0, 0))
                .isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,2,3", "a,0,0,0", "0,0,0,0", "-8,0,0,8", ""})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Canvas.parse(text)).hasMessageStartingWith("outpaint: got [");
    }
}
