package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.mundo.Colour;
import dev.latente.mundo.Look;
import dev.latente.mundo.Relation;
import dev.latente.mundo.Scene;
import dev.latente.mundo.ShapeItem;
import dev.latente.mundo.Size;
import java.awt.Color;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads abstract pictures by rules of geometry and colour, without any training: shapes, colours, sizes, number, relation. */
public final class Shapes {
    /** How light a background is made of its colour. */
    private static final double SOFT = 0.68;

    /** How much larger the outer one of two shapes is drawn. */
    private static final double OUTER = 1.7;

    private Shapes() {}

    /**
     * The {@link Scene.Group} or {@link Scene.Pair} of a picture; a pair is said as {@link #canonical} says it.
     *
     * @return empty if there is nothing like it in the picture
     */
    public static Optional<Scene> read(Picture picture) {
        if (picture.width() != picture.height()) {
            throw new IllegalArgumentException("Shapes: got a picture of %dx%d pixels, wanted a square"
                    .formatted(picture.width(), picture.height()));
        }
        List<Form> forms = Form.of(picture.rgb());
        Colour background = nearest(Form.background(picture.rgb()), SOFT);
        Form inner = forms.size() == 1 ? forms.get(0).inner() : null;
        if (inner != null) {
            ShapeItem outer = item(forms.get(0), OUTER);
            return Optional.of(new Scene.Pair(item(inner, 1), Relation.INSIDE, outer, background));
        }
        List<ShapeItem> items = forms.stream().map(form -> item(form, 1)).toList();
        if (items.stream().distinct().count() == 1) {
            return Optional.of(new Scene.Group(items.size(), items.get(0), background));
        }
        if (items.size() != 2) {
            return Optional.empty();
        }
        Relation relation = relation(
                new Geometry(forms.get(0).mask()), new Geometry(forms.get(1).mask()));
        return Optional.of(canonical(new Scene.Pair(items.get(0), relation, items.get(1), background)));
    }

    private static Relation relation(Geometry a, Geometry b) {
        double right = b.x() - a.x();
        double down = b.y() - a.y();
        return Math.abs(down) > Math.abs(right)
                ? (down > 0 ? Relation.ABOVE : Relation.BELOW)
                : (right > 0 ? Relation.LEFT_OF : Relation.RIGHT_OF);
    }

    /** The same picture in other words: what is below or right of something is said from the other side. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // first and second change places: that is the point
    public static Scene canonical(Scene scene) {
        if (!(scene instanceof Scene.Pair p)) {
            return scene;
        }
        return switch (p.relation()) {
            case BELOW -> new Scene.Pair(p.second(), Relation.ABOVE, p.first(), p.background());
            case RIGHT_OF -> new Scene.Pair(p.second(), Relation.LEFT_OF, p.first(), p.background());
            case ABOVE, LEFT_OF, INSIDE -> p;
        };
    }

    private static ShapeItem item(Form form, double scale) {
        Geometry geometry = new Geometry(form.mask());
        double middle = (Size.SMALL.pixels() + Size.BIG.pixels()) / 2.0;
        Size size = geometry.extent() < scale * middle ? Size.SMALL : Size.BIG;
        return new ShapeItem(geometry.kind(), nearest(form.colour(), 0), size);
    }

    /** The named colour that this is nearest to, when all are mixed with so much white. */
    private static Colour nearest(Color colour, double light) {
        return Stream.of(Colour.values())
                .min(Comparator.comparingDouble(named -> Form.distance(Look.mix(named.awt(), light), colour)))
                .orElseThrow();
    }
}
