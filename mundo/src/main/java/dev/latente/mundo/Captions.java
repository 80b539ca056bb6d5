package dev.latente.mundo;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** What one may say of a scene. A light or a weather that is not the place's usual one is always named. */
public final class Captions {
    private Captions() {}

    /** One of the captions, in one of the ways in which people write: as it is, in lower case, as a sentence, or loud. */
    public static String of(Scene scene, RandomGenerator random, Language language) {
        String caption = Grammar.of(language, Choice.random(random)).caption(scene);
        int style = random.nextInt(20);
        if (style < 12) {
            return caption;
        } else if (style < 16) {
            return caption.toLowerCase(Locale.ROOT);
        } else if (style < 19) {
            return caption.substring(0, 1).toUpperCase(Locale.ROOT) + caption.substring(1) + ".";
        }
        return caption.toUpperCase(Locale.ROOT);
    }

    /** The plainest caption: what, and where. */
    public static String plain(Scene scene, Language language) {
        return Grammar.of(language, new Choice.Every()).caption(scene);
    }

    /** All captions, the plainest first; of each one the common way to write it. */
    public static List<String> all(Scene scene, Language language) {
        return every(choice -> Grammar.of(language, choice).caption(scene));
    }

    /**
     * Captions in English of something in a place, the plainest first.
     *
     * @param what words that the world need not know, with their article if they want one: "an owl", "&lt;amigo&gt;"
     */
    public static List<String> all(String what, Setting setting) {
        return every(choice -> new English(choice).shown(what, setting));
    }

    private static List<String> every(Function<Choice, String> caption) {
        Choice.Every choice = new Choice.Every();
        Set<String> captions = new LinkedHashSet<>();
        do {
            captions.add(caption.apply(choice));
        } while (choice.advance());
        return List.copyOf(captions);
    }
}
