package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EdgesTest {
    @Test
    void aSquareHasAnOutline() {
        Picture square = Picture.filled(12, 12, 3, 0).paste(Picture.filled(6, 6, 3, 255), 3, 3);
        Picture edges = Edges.canny(square, 100, 200);
        assertThat(edges.channels()).isEqualTo(1);
        assertThat(edges.at(6, 6, 0)).isZero();
        assertThat(edges.at(0, 0, 0)).isZero();
        // On the dark side, where the first of two equal gradients is.
        assertThat(edges.at(2, 6, 0)).isEqualTo(255);
        assertThat(edges.at(6, 2, 0)).isEqualTo(255);
    }

    @Test
    void aWeakEdgeCountsOnlyBesideAStrongOne() {
        Picture faint = Picture.filled(12, 12, 1, 0).paste(Picture.filled(6, 12, 1, 40), 6, 0);
        assertThat(Edges.canny(faint, 100, 200).data()).containsOnly(0);
        Picture half = faint.paste(Picture.filled(6, 6, 1, 255), 6, 0);
        assertThat(Edges.canny(half, 100, 200).at(5, 10, 0)).isEqualTo(255);
        assertThat(Edges.canny(half, 170, 200).at(5, 10, 0)).isZero();
    }

    @Test
    void thresholdsAscend() {
        assertThatThrownBy(() -> Edges.canny(Picture.filled(2, 2, 1, 0), 200, 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[200.0, 100.0]");
    }
}
