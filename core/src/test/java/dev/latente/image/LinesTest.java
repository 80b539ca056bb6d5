package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Of a bright square on a dark ground: lines where its border is, and nowhere else. */
class LinesTest {
    private static final Picture SQUARE = Picture.filled(64, 64, 1, 40).paste(Picture.filled(32, 32, 1, 200), 16, 16);

    @Test
    void softEdgesAreBrightestOnTheBorder() {
        Picture edges = Lines.softEdges(SQUARE, 1);
        assertThat(edges.at(16, 32, 0)).isGreaterThan(200);
        assertThat(edges.at(32, 47, 0)).isGreaterThan(200);
        assertThat(edges.at(18, 32, 0)).isBetween(1, 150);
        assertThat(edges.at(32, 32, 0)).isZero();
        assertThat(edges.at(4, 4, 0)).isZero();
    }

    @Test
    void linesAreOnTheDarkSide() {
        Picture lines = Lines.lineArt(SQUARE, 1);
        assertThat(lines.at(14, 32, 0)).isGreaterThan(150);
        assertThat(lines.at(18, 32, 0)).isZero();
        assertThat(lines.at(32, 32, 0)).isZero();
    }

    @Test
    void aScribbleFollowsTheBorderInTwoColours() {
        Picture scribble = Lines.scribble(Lines.softEdges(SQUARE, 1), 60);
        assertThat(scribble.at(16, 32, 0)).isEqualTo(255);
        assertThat(scribble.at(32, 48, 0)).isEqualTo(255);
        assertThat(scribble.at(32, 32, 0)).isZero();
        assertThat(scribble.at(2, 2, 0)).isZero();
        for (byte value : scribble.data()) {
            assertThat(value & 255).isIn(0, 255);
        }
        assertThat(Lines.scribble(Picture.filled(20, 10, 1, 0), 60)).isEqualTo(Picture.filled(20, 10, 1, 0));
    }

    @Test
    void aBlankPictureHasNoLines() {
        Picture blank = Picture.filled(9, 1, 3, 120);
        assertThat(Lines.softEdges(blank, 1)).isEqualTo(Picture.filled(9, 1, 1, 0));
        assertThat(Lines.lineArt(blank, 1)).isEqualTo(Picture.filled(9, 1, 1, 0));
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> Lines.softEdges(SQUARE, 0)).hasMessageContaining("[0.0]");
        assertThatThrownBy(() -> Lines.lineArt(SQUARE, Double.NaN)).hasMessageContaining("[NaN]");
        assertThatThrownBy(() -> Lines.scribble(SQUARE, 255)).hasMessageContaining("[255.0]");
    }
}
