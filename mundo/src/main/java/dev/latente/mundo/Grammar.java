package dev.latente.mundo;

/** What a language can say of a scene, one caption a call. */
sealed interface Grammar permits English, Spanish {
    /** How often a caption is a mere list of words. */
    double KEYWORDS = 0.1;

    /** How often, of the other captions, one is the plainest way to say it. */
    double PLAIN = 0.25;

    /** How often a noun gives way to a less usual one. */
    double SYNONYM = 0.12;

    static Grammar of(Language language, Choice choice) {
        return switch (language) {
            case ENGLISH -> new English(choice);
            case SPANISH -> new Spanish(choice);
        };
    }

    default String caption(Scene scene) {
        if (scene instanceof Scene.Ride ride) {
            return ride(ride);
        } else if (scene instanceof Scene.Portrait portrait) {
            return portrait(portrait);
        } else if (scene instanceof Scene.Alone alone) {
            return alone(alone);
        } else if (scene instanceof Scene.Still still) {
            return still(still);
        } else if (scene instanceof Scene.Studio studio) {
            return studio(studio);
        } else if (scene instanceof Scene.Group group) {
            return group(group);
        }
        return pair((Scene.Pair) scene);
    }

    /** Whether one flies on it. */
    static boolean flying(Mount mount) {
        return mount == Mount.DRAGON || mount == Mount.ROCKET;
    }

    String ride(Scene.Ride scene);

    String portrait(Scene.Portrait scene);

    String alone(Scene.Alone scene);

    String still(Scene.Still scene);

    String studio(Scene.Studio scene);

    String group(Scene.Group scene);

    String pair(Scene.Pair scene);
}
