package dev.latente.mundo;

import dev.latente.training.text.BpeTrainer;
import dev.latente.training.text.ClipVocabulary;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The vocabulary of the captions: each of their words, in both languages, is one token. */
public final class Vocabulary {
    /** The tokens of a padded caption, both control tokens included. */
    public static final int MAX_LENGTH = 32;

    private static final int MOST = 1536;

    private static final List<Mount> MOUNTS = List.of(Mount.values());

    /** So often a caption of each scene is drawn that the rarest synonym occurs. */
    private static final int DRAWS = 4;

    private final BpeTrainer trainer = new BpeTrainer();
    private final RandomGenerator random = new SplittableRandom(0);

    private Vocabulary() {}

    /** Learns from captions of every figure, thing and shape, wherever and however it can be. */
    public static ClipVocabulary learn() {
        Vocabulary vocabulary = new Vocabulary();
        vocabulary.addSettings();
        vocabulary.addColours();
        return vocabulary.trainer.learn(MOST);
    }

    private void addSettings() {
        for (Place place : Place.values()) {
            for (Daylight light : place.lights()) {
                for (Weather weather : place.weathers()) {
                    Setting setting = new Setting(place, light, weather);
                    for (Mount mount : Mount.values()) {
                        add(new Scene.Alone(mount, setting));
                    }
                    for (Subject subject : Subject.values()) {
                        add(new Scene.Ride(subject, MOUNTS.get(random.nextInt(MOUNTS.size())), setting));
                        add(new Scene.Portrait(subject, Pose.STANDING, setting));
                        add(new Scene.Portrait(subject, Pose.WAVING, setting));
                    }
                    for (Thing thing : Thing.values()) {
                        thing.colours().forEach(colour -> add(new Scene.Still(thing, colour, setting)));
                    }
                }
            }
        }
    }

    private void addColours() {
        for (Colour colour : Colour.values()) {
            for (Colour background : Colour.values()) {
                for (ShapeKind kind : ShapeKind.values()) {
                    ShapeItem small = new ShapeItem(kind, colour, Size.SMALL);
                    ShapeItem big = new ShapeItem(kind, colour, Size.BIG);
                    for (int count = 1; count <= 4; count++) {
                        add(new Scene.Group(count, small, background));
                        add(new Scene.Group(count, big, background));
                    }
                    for (Relation relation : Relation.values()) {
                        add(new Scene.Pair(small, relation, big, background));
                    }
                }
            }
        }
    }

    private void add(Scene scene) {
        for (int i = 0; i < DRAWS; i++) {
            for (Language language : Language.values()) {
                trainer.add(Captions.of(scene, random, language));
            }
        }
    }
}
