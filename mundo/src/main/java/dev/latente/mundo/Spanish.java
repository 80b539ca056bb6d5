package dev.latente.mundo;

import static dev.latente.mundo.SpanishNoun.f;
import static dev.latente.mundo.SpanishNoun.m;

import java.util.StringJoiner;

/** Captions in Spanish. */
final class Spanish implements Grammar {
    private static final String[] NUMBERS = {"un", "dos", "tres", "cuatro"};

    private final Choice choice;

    Spanish(Choice choice) {
        this.choice = choice;
    }

    @Override
    public String ride(Scene.Ride scene) {
        SpanishNoun rider = noun(scene.rider());
        SpanishNoun mount = noun(scene.mount());
        String who = rider.a();
        String what = mount.a();
        String where = where(scene.setting());
        if (choice.chance(KEYWORDS)) {
            String place = keywords(scene.setting());
            return choice.of(
                    () -> rider.words() + ", " + mount.words() + ", " + place,
                    () -> rider.words() + " " + mount.words() + " " + where,
                    () -> rider.words() + " montando " + mount.words() + " " + where,
                    () -> rider.words() + " " + astride(scene.mount(), mount) + ", " + place);
        }
        boolean flies = Grammar.flying(scene.mount()) && choice.chance(0.3);
        String on = flies || (vehicle(scene.mount()) && choice.chance(0.5)) ? " en " : " ";
        String riding = (flies ? " volando" : " montando") + on;
        String rides = (flies ? " vuela" : " monta") + on;
        if (choice.chance(PLAIN)) {
            return who + riding + what + " " + where;
        }
        return choice.of(
                () -> who + riding + what + " " + where,
                () -> who + rides + what + " " + where,
                () -> who + " está" + riding + what + " " + where,
                () -> who + " " + rider.agreeing("montado") + " en " + what + " " + where,
                () -> who + " " + astride(scene.mount(), mount) + " " + where,
                () -> who + choice.of(" sobre ", " encima de ") + what + " " + where,
                () -> where + ", " + who + rides + what,
                () -> where + ", " + who + riding + what,
                () -> picture() + who + riding + what + " " + where,
                () -> picture() + who + " " + astride(scene.mount(), mount) + " " + where,
                () -> what + " que lleva a " + who + " " + where,
                () -> rider.the() + rides + mount.the() + " " + where);
    }

    /** How one says it without a verb. */
    private String astride(Mount mount, SpanishNoun noun) {
        if (mount == Mount.HORSE) {
            return "a caballo";
        }
        return vehicle(mount) ? "en " + noun.words() : "a lomos de " + noun.a();
    }

    private static boolean vehicle(Mount mount) {
        return switch (mount) {
            case BICYCLE, SCOOTER, SKATEBOARD, ROCKET -> true;
            case HORSE, ELEPHANT, GIRAFFE, OSTRICH, TURTLE, SNAIL, WHALE, DRAGON -> false;
        };
    }

    @Override
    public String portrait(Scene.Portrait scene) {
        SpanishNoun subject = noun(scene.subject());
        boolean waves = scene.pose() == Pose.WAVING;
        if (choice.chance(KEYWORDS)) {
            return subject.words() + (waves ? " saludando, " : ", ") + keywords(scene.setting());
        }
        String who = subject.a() + (waves ? choice.of(" saludando", " que saluda") : choice.of("", " de pie"));
        String where = where(scene.setting());
        if (choice.chance(PLAIN)) {
            return who + " " + where;
        }
        return choice.of(
                () -> who + " " + where,
                () -> where + ", " + who,
                () -> where + (waves ? " saluda " : " hay ") + subject.a(),
                () -> picture() + who + " " + where,
                () -> subject.a() + (waves ? " saluda " : " está de pie ") + where,
                () -> subject.the() + (waves ? " está saludando " : " está ") + where);
    }

    @Override
    public String alone(Scene.Alone scene) {
        SpanishNoun mount = noun(scene.mount());
        if (choice.chance(KEYWORDS)) {
            return mount.words() + ", " + keywords(scene.setting());
        }
        String where = where(scene.setting());
        return choice.chance(PLAIN)
                ? mount.a() + " " + where
                : choice.of(() -> shown(mount.a(), where), () -> mount.a() + " sin jinete " + where);
    }

    @Override
    public String still(Scene.Still scene) {
        SpanishNoun thing = coloured(noun(scene.thing()), scene.colour());
        if (choice.chance(KEYWORDS)) {
            return thing.words() + ", " + keywords(scene.setting());
        }
        String where = where(scene.setting());
        return choice.chance(PLAIN) ? thing.a() + " " + where : shown(thing.a(), where);
    }

    @Override
    public String studio(Scene.Studio scene) {
        SpanishNoun thing = coloured(noun(scene.thing()), scene.colour());
        if (choice.chance(KEYWORDS)) {
            return choice.of(
                    () -> thing.words(),
                    () -> thing.words() + ", " + background(scene.background()).words());
        }
        return on(thing.a(), scene.background());
    }

    @Override
    public String group(Scene.Group scene) {
        boolean one = scene.count() == 1;
        SpanishNoun shape = shape(scene.item(), choice.chance(0.5), !one);
        String number = NUMBERS[scene.count() - 1];
        String shapes =
                one ? shape.a() : choice.of(number, number, Integer.toString(scene.count())) + " " + shape.words();
        if (choice.chance(KEYWORDS)) {
            return (one ? shape.words() : shapes) + ", "
                    + background(scene.background()).words();
        }
        return on(shapes, scene.background());
    }

    @Override
    public String pair(Scene.Pair scene) {
        boolean sized = choice.chance(0.5);
        SpanishNoun first = shape(scene.first(), sized, false);
        SpanishNoun second = shape(scene.second(), sized, false);
        String relation = relation(scene.relation());
        if (choice.chance(KEYWORDS)) {
            return first.words() + " " + relation + " " + second.words();
        }
        if (choice.chance(PLAIN)) {
            return on(first.a() + " " + relation + " " + second.a(), scene.background());
        }
        return choice.of(
                () -> on(first.a() + " " + relation + " " + second.a(), scene.background()),
                () -> first.a() + " está " + relation + " " + second.a(),
                () -> SpanishNoun.contracted(first.the() + " está " + relation + " " + second.the()),
                () -> second.a() + " con " + first.a() + " " + beside(scene.relation()));
    }

    /** Something in a place. */
    private String shown(String what, String where) {
        return choice.of(
                () -> what + " " + where,
                () -> where + ", " + what,
                () -> where + " hay " + what,
                () -> "hay " + what + " " + where,
                () -> picture() + what + " " + where);
    }

    /** Something on a background that need not be named. */
    private String on(String what, Colour colour) {
        return choice.of(
                () -> what,
                () -> what + over(colour),
                () -> what + " sobre " + background(colour).words(),
                () -> picture() + what,
                () -> picture() + what + over(colour));
    }

    private String over(Colour background) {
        return choice.of(" sobre ", " en ") + background(background).a();
    }

    private String picture() {
        return choice.of("una imagen de ", "un dibujo de ", "una ilustración de ", "una foto de ");
    }

    private SpanishNoun background(Colour colour) {
        return m("fondo").with(word(colour));
    }

    private SpanishNoun coloured(SpanishNoun noun, Colour colour) {
        return choice.chance(0.3) ? noun : noun.with(word(colour));
    }

    private SpanishNoun shape(ShapeItem item, boolean sized, boolean plural) {
        SpanishNoun shape = noun(item.kind()).with(word(item.colour()));
        if (!sized) {
            return plural ? shape.plural() : shape;
        }
        boolean small = item.size() == Size.SMALL;
        if (choice.chance(0.7)) {
            shape = shape.with(small ? "pequeño" : "grande");
            return plural ? shape.plural() : shape;
        }
        return plural
                ? shape.plural().before(small ? "pequeños" : "grandes")
                : shape.before(small ? "pequeño" : "gran");
    }

    private String where(Setting setting) {
        return where(setting.place())
                + light(setting)
                + switch (setting.weather()) {
                    case CLEAR -> "";
                    case RAIN -> choice.of(" bajo la lluvia", " con lluvia");
                    case SNOWFALL -> choice.of(" mientras nieva", " nevando");
                    case FOG -> choice.of(" en la niebla", " con niebla");
                };
    }

    private String light(Setting setting) {
        if (setting.light() == setting.place().usual()) {
            return "";
        }
        return switch (setting.light()) {
            case DAY -> " de día";
            case SUNSET -> choice.of(" al atardecer", " al ponerse el sol");
            case NIGHT -> choice.of(" de noche", " por la noche");
        };
    }

    private String where(Place place) {
        return switch (place) {
            case MARS -> "en Marte";
            case MOON -> "en la Luna";
            case FOREST -> choice.of("en el bosque", "en un bosque");
            case BEACH -> choice.of("en la playa", "en una playa");
            case DESERT -> choice.of("en el desierto", "en un desierto");
            case SNOW -> "en la nieve";
            case CITY -> choice.of("en la ciudad", "en una ciudad", "en la ciudad de noche");
            case UNDERWATER -> choice.of("bajo el agua", "bajo el mar", "en el fondo del mar");
            case MEADOW -> choice.of("en un prado", "en el prado");
            case VOLCANO -> choice.of("delante de un volcán", "junto a un volcán", "cerca de un volcán");
            case MOUNTAINS -> choice.of("en las montañas", "en la montaña");
            case CASTLE -> choice.of("delante de un castillo", "junto a un castillo", "cerca de un castillo");
        };
    }

    private static String keywords(Setting setting) {
        StringJoiner words = new StringJoiner(", ");
        words.add(
                switch (setting.place()) {
                    case MARS -> "Marte";
                    case MOON -> "Luna";
                    case FOREST -> "bosque";
                    case BEACH -> "playa";
                    case DESERT -> "desierto";
                    case SNOW -> "nieve";
                    case CITY -> "ciudad";
                    case UNDERWATER -> "bajo el agua";
                    case MEADOW -> "prado";
                    case VOLCANO -> "volcán";
                    case MOUNTAINS -> "montañas";
                    case CASTLE -> "castillo";
                });
        if (setting.light() != setting.place().usual()) {
            words.add(
                    switch (setting.light()) {
                        case DAY -> "día";
                        case SUNSET -> "atardecer";
                        case NIGHT -> "noche";
                    });
        }
        return switch (setting.weather()) {
            case CLEAR -> words.toString();
            case RAIN -> words.add("lluvia").toString();
            case SNOWFALL -> words.add("nevando").toString();
            case FOG -> words.add("niebla").toString();
        };
    }

    private SpanishNoun noun(Subject subject) {
        return switch (subject) {
            case ASTRONAUT -> m("astronauta");
            case ROBOT -> m("robot");
            case KNIGHT -> m("caballero");
            case WIZARD -> m("mago");
            case PIRATE -> m("pirata");
            case QUEEN -> f("reina");
            case NINJA -> m("ninja");
            case CAT -> usually(m("gato"), m("gatito"));
            case BEAR -> m("oso");
            case RABBIT -> usually(m("conejo"), m("conejito"));
            case FROG -> f("rana");
            case PENGUIN -> m("pingüino");
            case LION -> m("león");
        };
    }

    private SpanishNoun noun(Mount mount) {
        return switch (mount) {
            case HORSE -> m("caballo");
            case ELEPHANT -> m("elefante");
            case GIRAFFE -> f("jirafa");
            case OSTRICH -> m("avestruz");
            case TURTLE -> f("tortuga");
            case SNAIL -> m("caracol");
            case WHALE -> f("ballena");
            case DRAGON -> m("dragón");
            case BICYCLE -> usually(f("bicicleta"), f("bici"));
            case SCOOTER -> usually(f("moto"), m("escúter"));
            case SKATEBOARD -> usually(m("monopatín"), f("patineta"));
            case ROCKET -> m("cohete");
        };
    }

    private SpanishNoun noun(Thing thing) {
        return switch (thing) {
            case APPLE -> f("manzana");
            case BANANA -> usually(m("plátano"), f("banana"));
            case TREE -> m("árbol");
            case HOUSE -> f("casa");
            case CAR -> usually(m("coche"), choice.chance(0.5) ? m("auto") : m("carro"));
            case BOAT -> usually(m("barco"), m("bote"));
            case UMBRELLA -> m("paraguas");
            case BALLOON -> m("globo");
            case CLOCK -> m("reloj");
            case CUP -> f("taza");
            case GUITAR -> f("guitarra");
            case FLOWER -> f("flor");
            case CAKE -> usually(m("pastel"), f("tarta"));
            case KEY -> f("llave");
            case BOOK -> m("libro");
            case HAT -> m("sombrero");
            case LAMP -> f("lámpara");
            case MUSHROOM -> usually(f("seta"), m("hongo"));
            case FISH -> m("pez");
            case TEAPOT -> f("tetera");
        };
    }

    private static SpanishNoun noun(ShapeKind kind) {
        return switch (kind) {
            case CIRCLE -> m("círculo");
            case SQUARE -> m("cuadrado");
            case TRIANGLE -> m("triángulo");
            case STAR -> f("estrella");
            case HEART -> m("corazón");
            case DIAMOND -> m("rombo");
        };
    }

    private String word(Colour colour) {
        return switch (colour) {
            case RED -> "rojo";
            case ORANGE -> "naranja";
            case YELLOW -> "amarillo";
            case GREEN -> "verde";
            case BLUE -> "azul";
            case PURPLE -> choice.chance(SYNONYM) ? "violeta" : "morado";
            case PINK -> "rosa";
            case BROWN -> "marrón";
            case BLACK -> "negro";
            case WHITE -> "blanco";
            case GREY -> "gris";
        };
    }

    private String relation(Relation relation) {
        return switch (relation) {
            case ABOVE -> choice.of("encima de", "sobre", "arriba de");
            case BELOW -> choice.of("debajo de", "bajo");
            case LEFT_OF -> "a la izquierda de";
            case RIGHT_OF -> "a la derecha de";
            case INSIDE -> choice.of("dentro de", "en");
        };
    }

    private static String beside(Relation relation) {
        return switch (relation) {
            case ABOVE -> "encima";
            case BELOW -> "debajo";
            case LEFT_OF -> "a su izquierda";
            case RIGHT_OF -> "a su derecha";
            case INSIDE -> "dentro";
        };
    }

    private SpanishNoun usually(SpanishNoun noun, SpanishNoun other) {
        return choice.chance(SYNONYM) ? other : noun;
    }
}
