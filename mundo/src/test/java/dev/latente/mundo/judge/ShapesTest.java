package dev.latente.mundo.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.mundo.Colour;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Relation;
import dev.latente.mundo.Scene;
import dev.latente.mundo.ShapeItem;
import dev.latente.mundo.ShapeKind;
import dev.latente.mundo.Size;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ShapesTest {
    private static final int PICTURES = 200;

    @Test
    void readsWhatWasDrawn() {
        assertThat(right(p -> p)).isGreaterThanOrEqualTo(0.99);
    }

    @Test
    void readsSoftPictures() {
        int half = Painter.SIZE / 2;
        assertThat(right(p -> Resize.to(
                        Resize.to(p, half, half, Resize.Filter.BILINEAR),
                        Painter.SIZE,
                        Painter.SIZE,
                        Resize.Filter.BICUBIC)))
                .isGreaterThanOrEqualTo(0.97);
    }

    @Test
    void saysNothingOfAnEmptyPicture() {
        assertThat(Shapes.read(Picture.filled(128, 128, 3, 200))).isEmpty();
    }

    /** The share of pictures of which all is read as it was meant: kinds, colours, sizes, number, relation, background. */
    private static double right(UnaryOperator<Picture> change) {
        RandomGenerator random = new SplittableRandom(7);
        int right = 0;
        for (int seed = 0; seed < PICTURES; seed++) {
            Scene scene = scene(random);
            Picture picture = change.apply(Picture.of(Painter.paint(scene, seed)));
            right += Shapes.read(picture).equals(Optional.of(Shapes.canonical(scene))) ? 1 : 0;
        }
        return (double) right / PICTURES;
    }

    private static Scene scene(RandomGenerator random) {
        Colour background = any(Colour.values(), random);
        ShapeItem first = item(random, background);
        if (random.nextBoolean()) {
            return new Scene.Group(1 + random.nextInt(4), first, background);
        }
        ShapeItem second = item(random, background);
        while (second.colour() == first.colour()) {
            second = item(random, background);
        }
        Relation relation = any(Relation.values(), random);
        return relation == Relation.INSIDE
                ? new Scene.Pair(sized(first, Size.SMALL), relation, sized(second, Size.BIG), background)
                : new Scene.Pair(first, relation, second, background);
    }

    private static ShapeItem item(RandomGenerator random, Colour background) {
        Colour colour = any(Colour.values(), random);
        return colour == background
                ? item(random, background)
                : new ShapeItem(any(ShapeKind.values(), random), colour, any(Size.values(), random));
    }

    private static ShapeItem sized(ShapeItem item, Size size) {
        return new ShapeItem(item.kind(), item.colour(), size);
    }

    private static <E> E any(E[] values, RandomGenerator random) {
        return values[random.nextInt(values.length)];
    }
}
