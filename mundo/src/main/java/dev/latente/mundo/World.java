package dev.latente.mundo;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** All the scenes of the picture world, each known by a seed. */
public final class World {

    private static final List<Colour> BACKGROUNDS = List.of(
            Colour.BLUE,
            Colour.YELLOW,
            Colour.PINK,
            Colour.GREEN,
            Colour.PURPLE,
            Colour.ORANGE,
            Colour.GREY,
            Colour.WHITE);

    private World() {}

    /** The scene of a seed, never one that is held out ({@link HeldOut}). */
    public static Scene scene(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int kind = random.nextInt(100);
        Scene scene = draw(kind, random);
        while (HeldOut.contains(scene)) {
            scene = draw(kind, random);
        }
        return scene;
    }

    /** The scene of a seed, held out or not: for whoever has to know them all, such as a judge of pictures. */
    public static Scene unrestricted(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        return draw(random.nextInt(100), random);
    }

    /** A scene whose kind a percentile says. */
    private static Scene draw(int kind, RandomGenerator random) {
        if (kind < 45) {
            return new Scene.Ride(any(Subject.values(), random), any(Mount.values(), random), setting(random));
        } else if (kind < 60) {
            Pose pose = random.nextBoolean() ? Pose.STANDING : Pose.WAVING;
            return new Scene.Portrait(any(Subject.values(), random), pose, setting(random));
        } else if (kind < 65) {
            return new Scene.Alone(any(Mount.values(), random), setting(random));
        } else if (kind < 77) {
            return thing(random);
        } else if (kind < 88) {
            return group(random);
        }
        return pair(random);
    }

    private static Scene thing(RandomGenerator random) {
        Thing thing = any(Thing.values(), random);
        Colour colour = usually(thing.colours(), 0.4, random);
        return random.nextBoolean()
                ? new Scene.Still(thing, colour, setting(random))
                : new Scene.Studio(thing, colour, background(random, colour, colour));
    }

    private static Scene group(RandomGenerator random) {
        ShapeItem item = item(random, any(Size.values(), random));
        return new Scene.Group(1 + random.nextInt(4), item, background(random, item.colour(), item.colour()));
    }

    private static Scene pair(RandomGenerator random) {
        Relation relation = any(Relation.values(), random);
        boolean inside = relation == Relation.INSIDE;
        ShapeItem first = item(random, inside ? Size.SMALL : any(Size.values(), random));
        ShapeItem second = item(random, inside ? Size.BIG : any(Size.values(), random));
        while (second.colour() == first.colour()) {
            second = item(random, second.size());
        }
        return new Scene.Pair(first, relation, second, background(random, first.colour(), second.colour()));
    }

    private static ShapeItem item(RandomGenerator random, Size size) {
        return new ShapeItem(any(ShapeKind.values(), random), any(Colour.values(), random), size);
    }

    /** A background other than two colours. */
    private static Colour background(RandomGenerator random, Colour one, Colour other) {
        Colour drawn = BACKGROUNDS.get(random.nextInt(BACKGROUNDS.size()));
        return drawn == one || drawn == other ? background(random, one, other) : drawn;
    }

    /** A place, mostly in its usual light and clear. */
    private static Setting setting(RandomGenerator random) {
        Place place = any(Place.values(), random);
        return new Setting(place, usually(place.lights(), 0.7, random), usually(place.weathers(), 0.8, random));
    }

    /** The first of the choices with a probability, else any of them. */
    private static <T> T usually(List<T> choices, double probability, RandomGenerator random) {
        return random.nextDouble() < probability ? choices.get(0) : choices.get(random.nextInt(choices.size()));
    }

    private static <T> T any(T[] values, RandomGenerator random) {
        return values[random.nextInt(values.length)];
    }
}
