package dev.latente.mundo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latente.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VocabularyTest {
    private final List<String> captions = captions();
    private final ClipTokenizer tokenizer;

    VocabularyTest(@TempDir Path folder) throws IOException {
        Vocabulary.learn().save(folder, Vocabulary.MAX_LENGTH);
        tokenizer = ClipTokenizer.load(folder);
    }

    private static List<String> captions() {
        List<Scene> scenes = new ArrayList<>();
        Setting longest = new Setting(Place.MOUNTAINS, Daylight.SUNSET, Weather.SNOWFALL);
        for (Place place : Place.values()) {
            for (Daylight light : place.lights()) {
                for (Weather weather : place.weathers()) {
                    scenes.add(new Scene.Portrait(Subject.QUEEN, Pose.WAVING, new Setting(place, light, weather)));
                }
            }
        }
        for (Subject subject : Subject.values()) {
            scenes.add(new Scene.Portrait(subject, Pose.WAVING, longest));
            scenes.add(new Scene.Portrait(subject, Pose.STANDING, longest));
        }
        scenes.add(new Scene.Ride(Subject.QUEEN, Mount.SKATEBOARD, longest));
        for (Mount mount : Mount.values()) {
            scenes.add(new Scene.Ride(Subject.WIZARD, mount, Setting.of(Place.VOLCANO)));
            scenes.add(new Scene.Alone(mount, longest));
        }
        for (Thing thing : Thing.values()) {
            scenes.add(new Scene.Still(thing, Colour.PURPLE, longest));
            scenes.add(new Scene.Studio(thing, Colour.GREY, Colour.PURPLE));
        }
        for (Colour colour : Colour.values()) {
            ShapeItem star = new ShapeItem(ShapeKind.STAR, colour, Size.SMALL);
            scenes.add(new Scene.Group(4, star, colour));
        }
        for (ShapeKind kind : ShapeKind.values()) {
            ShapeItem shape = new ShapeItem(kind, Colour.YELLOW, Size.BIG);
            scenes.add(new Scene.Group(1, shape, Colour.YELLOW));
            scenes.add(new Scene.Group(2, shape, Colour.YELLOW));
            scenes.add(new Scene.Group(3, shape, Colour.YELLOW));
        }
        for (Relation relation : Relation.values()) {
            ShapeItem shape = new ShapeItem(ShapeKind.TRIANGLE, Colour.ORANGE, Size.BIG);
            scenes.add(new Scene.Pair(shape, relation, shape, Colour.YELLOW));
        }
        Set<String> all = new TreeSet<>();
        for (Scene scene : scenes) {
            for (Language language : Language.values()) {
                all.addAll(Captions.all(scene, language));
            }
        }
        return List.copyOf(all);
    }

    @Test
    void hasTheSizeOfASmallModel() {
        assertTrue(tokenizer.size() >= 1024 && tokenizer.size() <= 1536, "entries: " + tokenizer.size());
    }

    @Test
    void everyCaptionFits() {
        for (String caption : captions) {
            int length = tokenizer.encodeWithEnds(caption + ".").length;
            assertTrue(length <= Vocabulary.MAX_LENGTH, () -> "[%s] has [%d] tokens".formatted(caption, length));
        }
    }

    @Test
    void everyWordOfACaptionIsOneToken() {
        for (String caption : captions) {
            int words = ClipTokenizer.words(caption).size();
            assertEquals(words, tokenizer.encode(caption).length, caption);
        }
    }

    @Test
    void decodesWhatItEncodes() {
        for (String caption : captions) {
            String decoded = tokenizer.decode(tokenizer.encode(caption));
            assertEquals(caption.toLowerCase(Locale.ROOT), decoded.replace(" ,", ","));
        }
    }
}
