package dev.latente.mundo.evaluation;

import dev.latente.mundo.Relation;
import dev.latente.mundo.Scene;
import dev.latente.mundo.ShapeItem;
import dev.latente.mundo.judge.Head;
import dev.latente.mundo.judge.Shapes;
import dev.latente.mundo.judge.Verdict;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which attributes of a scene a picture shows.
 *
 * @param right for each attribute that the scene has, whether the picture has the same
 */
public record Marks(Map<Attribute, Boolean> right) {
    private static final Map<Attribute, Head> HEADS = Map.of(
            Attribute.PLACE, Head.PLACE,
            Attribute.SUBJECT, Head.SUBJECT,
            Attribute.MOUNT, Head.MOUNT,
            Attribute.THING, Head.THING);

    public Marks {
        Map<Attribute, Boolean> ordered = new EnumMap<>(Attribute.class);
        ordered.putAll(right);
        right = Collections.unmodifiableMap(ordered);
    }

    /**
     * Compares.
     *
     * @param wanted what was asked for
     * @param seen what the judge says
     * @param read what the rules for abstract pictures say
     */
    public static Marks of(Scene wanted, Verdict seen, Optional<Scene> read) {
        Map<Attribute, Boolean> right = new EnumMap<>(Attribute.class);
        Verdict truth = Verdict.of(wanted);
        HEADS.forEach((attribute, head) -> {
            if (head.answer(truth) != null) {
                right.put(attribute, head.agree(truth, seen));
            }
        });
        Figures want = Figures.of(Optional.of(wanted));
        if (!want.items.isEmpty()) {
            Figures got = Figures.of(read).alongside(want);
            right.put(Attribute.COUNT, got.items.size() == want.items.size());
            right.put(Attribute.SHAPE, got.shows(want, ShapeItem::kind));
            right.put(Attribute.COLOUR, got.shows(want, ShapeItem::colour));
            if (want.relation != null) {
                right.put(Attribute.RELATION, want.relation == got.relation);
            }
        }
        return new Marks(right);
    }

    /** Whether nothing is wrong. */
    public boolean all() {
        return right.values().stream().allMatch(r -> r);
    }

    /** What is wrong. */
    public List<Attribute> wrong() {
        return right.keySet().stream().filter(a -> !right.getOrDefault(a, true)).toList();
    }

    /** The shapes of an abstract scene, none for any other. */
    private record Figures(List<ShapeItem> items, @Nullable Relation relation) {
        static Figures of(Optional<Scene> scene) {
            Scene said = scene.map(Shapes::canonical).orElse(null);
            if (said instanceof Scene.Group g) {
                return new Figures(Collections.nCopies(g.count(), g.item()), null);
            }
            return said instanceof Scene.Pair p
                    ? new Figures(List.of(p.first(), p.second()), p.relation())
                    : new Figures(List.of(), null);
        }

        /**
         * A pair in the order in which it resembles the other one more: a red circle left of a blue square has the shapes and
         * colours of a blue square left of a red circle, but they are on the wrong sides.
         */
        Figures alongside(Figures other) {
            if (relation == null || other.relation == null) {
                return this;
            }
            Figures turned = new Figures(List.of(items.get(1), items.get(0)), null);
            return turned.likeness(other) > likeness(other) ? turned : this;
        }

        private long likeness(Figures other) {
            return IntStream.range(0, items.size())
                    .mapToLong(i -> (items.get(i).kind() == other.items.get(i).kind() ? 1 : 0)
                            + (items.get(i).colour() == other.items.get(i).colour() ? 1 : 0))
                    .sum();
        }

        /** Whether all shapes have what those of the other have: each what its own counterpart has, in a pair. */
        boolean shows(Figures other, Function<ShapeItem, Enum<?>> property) {
            List<Enum<?>> mine = items.stream().<Enum<?>>map(property).toList();
            List<Enum<?>> theirs = other.items.stream().<Enum<?>>map(property).toList();
            return other.relation == null
                    ? !mine.isEmpty() && mine.stream().allMatch(theirs.get(0)::equals)
                    : mine.equals(theirs);
        }
    }
}
