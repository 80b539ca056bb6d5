package dev.latente.mundo;

import static java.util.Locale.ROOT;

import java.util.StringJoiner;

/** Captions in English. */
final class English implements Grammar {
    private static final String[] NUMBERS = {"one", "two", "three", "four"};

    private final Choice choice;

    English(Choice choice) {
        this.choice = choice;
    }

    @Override
    public String ride(Scene.Ride scene) {
        String rider = noun(scene.rider());
        String mount = noun(scene.mount());
        String who = a(rider);
        String what = a(mount);
        String where = where(scene.setting());
        if (choice.chance(KEYWORDS)) {
            String place = keywords(scene.setting());
            return choice.of(
                    () -> rider + ", " + mount + ", " + place,
                    () -> rider + " " + mount + " " + where,
                    () -> rider + " riding " + mount + " " + where,
                    () -> rider + " on " + mount + ", " + place);
        }
        boolean flies = Grammar.flying(scene.mount()) && choice.chance(0.3);
        String riding = flies ? " flying on " : " riding ";
        String rides = flies ? " flies on " : " rides ";
        if (choice.chance(PLAIN)) {
            return who + riding + what + " " + where;
        }
        return choice.of(
                () -> who + riding + what + " " + where,
                () -> who + rides + what + " " + where,
                () -> who + " is" + riding + what + " " + where,
                () -> who + " on " + what + " " + where,
                () -> where + ", " + who + rides + what,
                () -> where + ", " + who + riding + what,
                () -> picture() + who + riding + what + " " + where,
                () -> picture() + who + " on " + what + " " + where,
                () -> what + " carrying " + who + " " + where,
                () -> "the " + rider + rides + "the " + mount + " " + where);
    }

    @Override
    public String portrait(Scene.Portrait scene) {
        String subject = noun(scene.subject());
        boolean waves = scene.pose() == Pose.WAVING;
        if (choice.chance(KEYWORDS)) {
            return subject + (waves ? " waving, " : ", ") + keywords(scene.setting());
        }
        String who = a(subject) + (waves ? choice.of(" waving", " waving hello") : choice.of("", " standing"));
        String where = where(scene.setting());
        if (choice.chance(PLAIN)) {
            return who + " " + where;
        }
        return choice.of(
                () -> who + " " + where,
                () -> where + ", " + who,
                () -> picture() + who + " " + where,
                () -> a(subject) + (waves ? " waves " : " stands ") + where,
                () -> a(subject) + (waves ? " is waving " : " is standing ") + where);
    }

    @Override
    public String alone(Scene.Alone scene) {
        String mount = noun(scene.mount());
        if (choice.chance(KEYWORDS)) {
            return mount + ", " + keywords(scene.setting());
        }
        String where = where(scene.setting());
        return choice.chance(PLAIN)
                ? a(mount) + " " + where
                : choice.of(() -> shown(a(mount), where), () -> a(mount) + " without a rider " + where);
    }

    @Override
    public String still(Scene.Still scene) {
        String thing = colour(scene.colour()) + noun(scene.thing());
        if (choice.chance(KEYWORDS)) {
            return thing + ", " + keywords(scene.setting());
        }
        String where = where(scene.setting());
        return choice.chance(PLAIN) ? a(thing) + " " + where : shown(a(thing), where);
    }

    @Override
    public String studio(Scene.Studio scene) {
        String thing = colour(scene.colour()) + noun(scene.thing());
        if (choice.chance(KEYWORDS)) {
            return choice.of(() -> thing, () -> thing + ", " + background(scene.background()));
        }
        return on(a(thing), scene.background());
    }

    @Override
    public String group(Scene.Group scene) {
        String shape = shape(scene.item(), choice.chance(0.5));
        int count = scene.count();
        String shapes = count == 1
                ? choice.of(a(shape), "one " + shape)
                : choice.of(NUMBERS[count - 1], NUMBERS[count - 1], Integer.toString(count)) + " " + shape + "s";
        if (choice.chance(KEYWORDS)) {
            return (count == 1 ? shape : shapes) + ", " + background(scene.background());
        }
        return on(shapes, scene.background());
    }

    @Override
    public String pair(Scene.Pair scene) {
        boolean sized = choice.chance(0.5);
        String first = shape(scene.first(), sized);
        String second = shape(scene.second(), sized);
        if (choice.chance(KEYWORDS)) {
            return first + " " + relation(scene.relation()) + " " + second;
        }
        String relation = relation(scene.relation());
        if (choice.chance(PLAIN)) {
            return on(a(first) + " " + relation + " " + a(second), scene.background());
        }
        return choice.of(
                () -> on(a(first) + " " + relation + " " + a(second), scene.background()),
                () -> a(first) + " is " + relation + " " + a(second),
                () -> "the " + first + " is " + relation + " the " + second,
                () -> a(second) + " with " + a(first) + " " + beside(scene.relation()));
    }

    /** Something that no scene has, in a place. */
    String shown(String what, Setting setting) {
        return shown(what, where(setting));
    }

    /** Something in a place. */
    private String shown(String what, String where) {
        return choice.of(
                () -> what + " " + where,
                () -> where + ", " + what,
                () -> "there is " + what + " " + where,
                () -> picture() + what + " " + where);
    }

    /** Something on a background that need not be named. */
    private String on(String what, Colour background) {
        return choice.of(
                () -> what,
                () -> what + " on " + a(background(background)),
                () -> picture() + what,
                () -> picture() + what + " on " + a(background(background)));
    }

    private String picture() {
        return choice.of("a picture of ", "a drawing of ", "an image of ", "a photo of ", "an illustration of ");
    }

    private String background(Colour colour) {
        return word(colour) + " background";
    }

    private String shape(ShapeItem item, boolean sized) {
        return (sized ? word(item.size()) + " " : "") + word(item.colour()) + " " + word(item.kind());
    }

    private String colour(Colour colour) {
        return choice.chance(0.3) ? "" : word(colour) + " ";
    }

    private String where(Setting setting) {
        String light = light(setting);
        return where(setting.place())
                + (light.isEmpty() ? "" : (setting.light() == Daylight.DAY ? " by " : " at ") + light)
                + switch (setting.weather()) {
                    case CLEAR -> "";
                    case RAIN -> " in the rain";
                    case SNOWFALL -> choice.of(" in falling snow", " while it snows");
                    case FOG -> choice.of(" in the fog", " in fog");
                };
    }

    private String where(Place place) {
        return switch (place) {
            case MARS -> "on Mars";
            case MOON -> "on the Moon";
            case FOREST -> choice.of("in the forest", "in a forest", "in the woods");
            case BEACH -> choice.of("on the beach", "on a beach", "at the beach");
            case DESERT -> choice.of("in the desert", "in a desert");
            case SNOW -> "in the snow";
            case CITY -> choice.of("in the city", "in a city", "in the city at night");
            case UNDERWATER -> choice.of("underwater", "under the sea", "under water");
            case MEADOW -> choice.of("in a meadow", "in the meadow");
            case VOLCANO -> choice.of("in front of a volcano", "by a volcano", "near a volcano");
            case MOUNTAINS -> "in the mountains";
            case CASTLE -> choice.of("in front of a castle", "by a castle", "near a castle");
        };
    }

    private String keywords(Setting setting) {
        StringJoiner words = new StringJoiner(", ").add(word(setting.place()));
        if (!light(setting).isEmpty()) {
            words.add(light(setting));
        }
        return switch (setting.weather()) {
            case CLEAR -> words.toString();
            case RAIN -> words.add("rain").toString();
            case SNOWFALL -> words.add("snowfall").toString();
            case FOG -> words.add("fog").toString();
        };
    }

    private static String light(Setting setting) {
        if (setting.light() == setting.place().usual()) {
            return "";
        }
        return setting.light().name().toLowerCase(ROOT);
    }

    private static String word(Place place) {
        return switch (place) {
            case MARS -> "Mars";
            case MOON -> "Moon";
            case FOREST, BEACH, DESERT, SNOW, CITY, UNDERWATER, MEADOW, VOLCANO, MOUNTAINS, CASTLE ->
                place.name().toLowerCase(ROOT);
        };
    }

    private String noun(Subject subject) {
        return switch (subject) {
            case CAT -> usually("cat", "kitten");
            case RABBIT -> usually("rabbit", "bunny");
            case WIZARD -> usually("wizard", "magician");
            default -> subject.name().toLowerCase(ROOT);
        };
    }

    private String noun(Mount mount) {
        return switch (mount) {
            case BICYCLE -> usually("bicycle", "bike");
            case TURTLE -> usually("turtle", "tortoise");
            case SCOOTER -> usually("scooter", "motor scooter");
            default -> mount.name().toLowerCase(ROOT);
        };
    }

    private String noun(Thing thing) {
        return switch (thing) {
            case CAR -> usually("car", "automobile");
            case BOAT -> usually("boat", "ship");
            case CUP -> usually("cup", "mug");
            default -> thing.name().toLowerCase(ROOT);
        };
    }

    private String word(Colour colour) {
        return switch (colour) {
            case PURPLE -> usually("purple", "violet");
            case GREY -> usually("grey", "gray");
            default -> colour.name().toLowerCase(ROOT);
        };
    }

    private static String word(ShapeKind kind) {
        return kind.name().toLowerCase(ROOT);
    }

    private String word(Size size) {
        return switch (size) {
            case SMALL -> choice.of("small", "little");
            case BIG -> choice.of("big", "large");
        };
    }

    private String relation(Relation relation) {
        return switch (relation) {
            case ABOVE -> choice.of("above", "over");
            case BELOW -> choice.of("below", "under");
            case LEFT_OF -> choice.of("to the left of", "left of");
            case RIGHT_OF -> choice.of("to the right of", "right of");
            case INSIDE -> choice.of("inside", "in");
        };
    }

    private static String beside(Relation relation) {
        return switch (relation) {
            case ABOVE -> "above it";
            case BELOW -> "below it";
            case LEFT_OF -> "to its left";
            case RIGHT_OF -> "to its right";
            case INSIDE -> "inside it";
        };
    }

    private String usually(String word, String other) {
        return choice.chance(SYNONYM) ? other : word;
    }

    /** With the article that the next sound wants; all words here that begin with a vowel also sound so. */
    static String a(String phrase) {
        return ("aeiou".indexOf(phrase.charAt(0)) >= 0 ? "an " : "a ") + phrase;
    }
}
