package dev.latente.mundo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PainterTest {

    @Test
    void aSceneAndASeedMeanOnePicture() {
        for (long seed = 0; seed < 40; seed++) {
            Scene scene = World.scene(seed);
            assertThat(pixels(Painter.paint(scene, seed))).isEqualTo(pixels(Painter.paint(scene, seed)));
        }
    }

    @Test
    void anotherSeedMovesThings() {
        Scene scene = new Scene.Still(Thing.CAR, Colour.RED, Setting.of(Place.BEACH));
        assertThat(pixels(Painter.paint(scene, 1))).isNotEqualTo(pixels(Painter.paint(scene, 2)));
    }

    /** The tolerance allows for the edges of another Java's rasteriser. */
    @Test
    void theMeanColourOfAPictureDoesNotDependOnTheJavaThatPaintsIt() {
        Scene circle = new Scene.Group(1, new ShapeItem(ShapeKind.CIRCLE, Colour.RED, Size.BIG), Colour.WHITE);
        double covered = Math.PI * 26 * 26 / (128 * 128);
        double paper = Look.mix(Colour.WHITE.awt(), 0.68).getGreen();
        double expected = paper + covered * (Colour.RED.awt().getGreen() - paper);
        assertThat(meanGreen(Painter.paint(circle, 3))).isCloseTo(expected, within(6.0));
    }

    @ParameterizedTest
    @EnumSource(Thing.class)
    void everyThingStandsOutFromItsBackground(Thing thing) {
        Scene scene = new Scene.Studio(thing, thing.colours().get(0), Colour.GREY);
        int[] picture = pixels(Painter.paint(scene, 5));
        int[] other = pixels(Painter.paint(
                new Scene.Group(1, new ShapeItem(ShapeKind.CIRCLE, Colour.GREY, Size.SMALL), Colour.GREY), 5));
        int differing = 0;
        for (int i = 0; i < picture.length; i++) {
            differing += Math.abs((picture[i] >> 8 & 255) - (other[i] >> 8 & 255)) > 24 ? 1 : 0;
        }
        assertThat(differing).isGreaterThan(500);
    }

    @Test
    void theFirstShapeLiesWhereTheRelationSays() {
        ShapeItem red = new ShapeItem(ShapeKind.CIRCLE, Colour.RED, Size.SMALL);
        ShapeItem blue = new ShapeItem(ShapeKind.SQUARE, Colour.BLUE, Size.BIG);
        for (Relation relation : Relation.values()) {
            for (long seed = 0; seed < 10; seed++) {
                BufferedImage image = Painter.paint(new Scene.Pair(red, relation, blue, Colour.WHITE), seed);
                double[] one = centre(image, 16);
                double[] other = centre(image, 0);
                switch (relation) {
                    case ABOVE -> assertThat(one[1]).isLessThan(other[1] - 30);
                    case BELOW -> assertThat(one[1]).isGreaterThan(other[1] + 30);
                    case LEFT_OF -> assertThat(one[0]).isLessThan(other[0] - 30);
                    case RIGHT_OF -> assertThat(one[0]).isGreaterThan(other[0] + 30);
                    case INSIDE ->
                        assertThat(Math.hypot(one[0] - other[0], one[1] - other[1]))
                                .isLessThan(4);
                }
            }
        }
    }

    @Test
    void aPlaceRefusesWeatherThatItCannotHave() {
        assertThatThrownBy(() -> new Setting(Place.UNDERWATER, Daylight.DAY, Weather.RAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[RAIN]");
    }

    /** The centre of all pixels in which the channel at a bit (16 red, 0 blue) clearly leads its opposite. */
    private static double[] centre(BufferedImage image, int channel) {
        double x = 0;
        double y = 0;
        int count = 0;
        for (int row = 0; row < Painter.SIZE; row++) {
            for (int column = 0; column < Painter.SIZE; column++) {
                int rgb = image.getRGB(column, row);
                if ((rgb >> channel & 255) - (rgb >> (16 - channel) & 255) > 90) {
                    x += column;
                    y += row;
                    count++;
                }
            }
        }
        return new double[] {x / count, y / count};
    }

    private static double meanGreen(BufferedImage image) {
        double sum = 0;
        for (int rgb : pixels(image)) {
            sum += rgb >> 8 & 255;
        }
        return sum / (Painter.SIZE * Painter.SIZE);
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, Painter.SIZE, Painter.SIZE, null, 0, Painter.SIZE);
    }
}
