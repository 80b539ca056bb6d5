package dev.latente.mundo;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Prompts to measure models with: whether they compose what training has not combined, and what a new word means. */
public final class Prompts {
    private static final Scene FIRST = new Scene.Ride(Subject.ASTRONAUT, Mount.HORSE, Setting.of(Place.MARS));

    /** Without white, which is the background, and without colours that resemble another one. */
    private static final List<Colour> COLOURS =
            List.of(Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.BLUE, Colour.PURPLE, Colour.BLACK);

    private Prompts() {}

    /**
     * The plainest captions of held-out scenes, in English and Spanish by turns, no text twice: the astronaut on a horse on
     * Mars in both languages, then of ten about six rides, two things in places, and two pairs of shapes.
     */
    public static List<Prompt> heldOut(int n, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        Set<String> texts = new TreeSet<>();
        List<Prompt> prompts = new ArrayList<>();
        while (prompts.size() < n) {
            Language language = prompts.size() % 2 == 0 ? Language.ENGLISH : Language.SPANISH;
            Scene scene = prompts.size() < 2 ? FIRST : scene(random);
            String text = Captions.plain(scene, language);
            if (HeldOut.contains(scene) && texts.add(text)) {
                prompts.add(new Prompt(text, language, scene));
            }
        }
        return prompts;
    }

    /**
     * A word in each of the places by turns, in English: the plainest captions first, then other ones.
     *
     * @param word with its article if it wants one: "an owl", "&lt;amigo&gt;"
     * @param subject what it means, which the pictures have to show
     */
    public static List<Prompt> ofWord(String word, Subject subject, int n) {
        Place[] places = Place.values();
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Setting setting = Setting.of(places[i % places.length]);
            List<String> texts = Captions.all(word, setting);
            String text = texts.get(i / places.length % texts.size());
            prompts.add(new Prompt(text, Language.ENGLISH, new Scene.Portrait(subject, Pose.STANDING, setting)));
        }
        return prompts;
    }

    private static Scene scene(RandomGenerator random) {
        int kind = random.nextInt(10);
        if (kind < 6) {
            return new Scene.Ride(one(random, Subject.values()), one(random, Mount.values()), setting(random));
        } else if (kind < 8) {
            Thing thing = one(random, Thing.values());
            return new Scene.Still(thing, one(random, thing.colours().toArray(Colour[]::new)), setting(random));
        }
        Relation relation = one(random, Relation.values());
        Size first = relation == Relation.INSIDE ? Size.SMALL : Size.BIG;
        ShapeItem a = shape(random, first);
        ShapeItem b = shape(random, Size.BIG);
        return a.colour() == b.colour() ? scene(random) : new Scene.Pair(a, relation, b, Colour.WHITE);
    }

    private static Setting setting(RandomGenerator random) {
        return Setting.of(one(random, Place.values()));
    }

    private static ShapeItem shape(RandomGenerator random, Size size) {
        return new ShapeItem(one(random, ShapeKind.values()), one(random, COLOURS.toArray(Colour[]::new)), size);
    }

    private static <T> T one(RandomGenerator random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
