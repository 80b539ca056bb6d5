package dev.latente.mundo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CaptionsTest {
    private static final Scene.Ride ASTRONAUT = new Scene.Ride(Subject.ASTRONAUT, Mount.HORSE, Setting.of(Place.MARS));

    private static String plain(Language language, List<? extends Scene> scenes) {
        return scenes.stream().map(scene -> Captions.plain(scene, language)).collect(Collectors.joining("; "));
    }

    private static <T> List<Scene> scenes(T[] values, Function<T, Scene> scene) {
        return Arrays.stream(values).map(scene).toList();
    }

    private static void assertSaid(Language language, Scene scene, String... captions) {
        List<String> all = Captions.all(scene, language);
        for (String caption : captions) {
            assertTrue(all.contains(caption), () -> "[%s] is not among %s".formatted(caption, all));
        }
    }

    @Test
    void theAstronautIsSaidInManyWays() {
        assertSaid(
                Language.ENGLISH,
                ASTRONAUT,
                "an astronaut riding a horse on Mars",
                "an astronaut rides a horse on Mars",
                "on Mars, an astronaut rides a horse",
                "an astronaut on a horse on Mars",
                "a picture of an astronaut riding a horse on Mars",
                "astronaut, horse, Mars");
        assertSaid(
                Language.SPANISH,
                ASTRONAUT,
                "un astronauta montando un caballo en Marte",
                "un astronauta a caballo en Marte",
                "en Marte, un astronauta monta un caballo",
                "un dibujo de un astronauta a caballo en Marte",
                "un caballo que lleva a un astronauta en Marte",
                "el astronauta monta el caballo en Marte",
                "astronauta, caballo, Marte");
        assertEquals("an astronaut riding a horse on Mars", Captions.plain(ASTRONAUT, Language.ENGLISH));
        assertEquals("un astronauta montando un caballo en Marte", Captions.plain(ASTRONAUT, Language.SPANISH));
        assertEquals(
                Captions.plain(ASTRONAUT, Language.SPANISH),
                Captions.all(ASTRONAUT, Language.SPANISH).get(0));
    }

    @Test
    void aWordOfNobodysIsSaidInAPlace() {
        List<String> all = Captions.all("<amigo>", Setting.of(Place.DESERT));
        assertEquals(List.of("<amigo> in the desert", "in the desert, <amigo>"), all.subList(0, 2));
        assertTrue(all.contains("a picture of <amigo> in the desert"), all::toString);
        assertEquals(
                "an owl at the beach at sunset in the rain",
                Captions.all("an owl", new Setting(Place.BEACH, Daylight.SUNSET, Weather.RAIN)).stream()
                        .filter(c -> c.startsWith("an owl at"))
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void promptsOfAWordGoThroughThePlaces() {
        List<Prompt> prompts = Prompts.ofWord("<amigo>", Subject.PENGUIN, 26);
        assertEquals("<amigo> on Mars", prompts.get(0).text());
        assertEquals("on Mars, <amigo>", prompts.get(12).text());
        assertEquals("there is <amigo> on the Moon", prompts.get(25).text());
        assertEquals(
                new Scene.Portrait(Subject.PENGUIN, Pose.STANDING, Setting.of(Place.MOON)),
                prompts.get(25).scene());
        assertEquals(26, prompts.stream().map(Prompt::text).distinct().count());
    }

    @Test
    void subjectsHaveTheirArticle() {
        List<Scene> scenes =
                scenes(Subject.values(), s -> new Scene.Portrait(s, Pose.STANDING, Setting.of(Place.SNOW)));
        assertEquals(
                "an astronaut; a robot; a knight; a wizard; a pirate; a queen; a ninja; a cat; a bear; a rabbit; a frog;"
                        + " a penguin; a lion",
                plain(Language.ENGLISH, scenes).replace(" in the snow", ""));
        assertEquals(
                "un astronauta; un robot; un caballero; un mago; un pirata; una reina; un ninja; un gato; un oso;"
                        + " un conejo; una rana; un pingüino; un león",
                plain(Language.SPANISH, scenes).replace(" en la nieve", ""));
    }

    @Test
    void mountsHaveTheirArticle() {
        List<Scene> scenes = scenes(Mount.values(), m -> new Scene.Alone(m, Setting.of(Place.SNOW)));
        assertEquals(
                "a horse; an elephant; a giraffe; an ostrich; a turtle; a snail; a whale; a dragon; a bicycle; a scooter;"
                        + " a skateboard; a rocket",
                plain(Language.ENGLISH, scenes).replace(" in the snow", ""));
        assertEquals(
                "un caballo; un elefante; una jirafa; un avestruz; una tortuga; un caracol; una ballena; un dragón;"
                        + " una bicicleta; una moto; un monopatín; un cohete",
                plain(Language.SPANISH, scenes).replace(" en la nieve", ""));
    }

    @Test
    void placesHaveTheirPreposition() {
        List<Scene> scenes = scenes(Place.values(), p -> new Scene.Alone(Mount.HORSE, Setting.of(p)));
        assertEquals(
                "on Mars; on the Moon; in the forest; on the beach; in the desert; in the snow; in the city; underwater;"
                        + " in a meadow; in front of a volcano; in the mountains; in front of a castle",
                plain(Language.ENGLISH, scenes).replace("a horse ", ""));
        assertEquals(
                "en Marte; en la Luna; en el bosque; en la playa; en el desierto; en la nieve; en la ciudad;"
                        + " bajo el agua; en un prado; delante de un volcán; en las montañas; delante de un castillo",
                plain(Language.SPANISH, scenes).replace("un caballo ", ""));
    }

    @Test
    void thingsAgreeWithTheirColour() {
        List<Scene> scenes = scenes(Thing.values(), t -> new Scene.Studio(t, Colour.RED, Colour.WHITE));
        assertEquals(
                "a red apple; a red banana; a red tree; a red house; a red car; a red boat; a red umbrella; a red balloon;"
                        + " a red clock; a red cup; a red guitar; a red flower; a red cake; a red key; a red book;"
                        + " a red hat; a red lamp; a red mushroom; a red fish; a red teapot",
                plain(Language.ENGLISH, scenes));
        assertEquals(
                "una manzana roja; un plátano rojo; un árbol rojo; una casa roja; un coche rojo; un barco rojo;"
                        + " un paraguas rojo; un globo rojo; un reloj rojo; una taza roja; una guitarra roja;"
                        + " una flor roja; un pastel rojo; una llave roja; un libro rojo; un sombrero rojo;"
                        + " una lámpara roja; una seta roja; un pez rojo; una tetera roja",
                plain(Language.SPANISH, scenes));
        assertSaid(Language.ENGLISH, scenes.get(0), "an apple", "an apple on a white background");
        assertSaid(Language.ENGLISH, scenes.get(6), "an umbrella");
    }

    @Test
    void coloursAndShapesHavePlurals() {
        List<Scene> circles = scenes(
                Colour.values(), c -> new Scene.Group(2, new ShapeItem(ShapeKind.CIRCLE, c, Size.BIG), Colour.WHITE));
        List<Scene> shapes = scenes(
                ShapeKind.values(), k -> new Scene.Group(3, new ShapeItem(k, Colour.RED, Size.BIG), Colour.WHITE));
        assertEquals(
                "rojos; naranjas; amarillos; verdes; azules; morados; rosas; marrones; negros; blancos; grises",
                plain(Language.SPANISH, circles).replace("dos círculos ", ""));
        assertEquals(
                "tres círculos rojos; tres cuadrados rojos; tres triángulos rojos; tres estrellas rojas;"
                        + " tres corazones rojos; tres rombos rojos",
                plain(Language.SPANISH, shapes));
        assertEquals(
                "circles; squares; triangles; stars; hearts; diamonds",
                plain(Language.ENGLISH, shapes).replace("three red ", ""));
        assertSaid(
                Language.SPANISH,
                shapes.get(3),
                "tres estrellas rojas grandes",
                "tres grandes estrellas rojas",
                "3 estrellas rojas");
        assertSaid(Language.ENGLISH, circles.get(1), "two big orange circles", "2 orange circles");
    }

    @Test
    void relationsTakeArticlesAndContractThem() {
        ShapeItem star = new ShapeItem(ShapeKind.STAR, Colour.GREEN, Size.SMALL);
        ShapeItem circle = new ShapeItem(ShapeKind.CIRCLE, Colour.YELLOW, Size.BIG);
        Map<Relation, List<String>> said = new LinkedHashMap<>();
        said.put(Relation.ABOVE, List.of("above", "encima de"));
        said.put(Relation.BELOW, List.of("below", "debajo de"));
        said.put(Relation.LEFT_OF, List.of("to the left of", "a la izquierda de"));
        said.put(Relation.RIGHT_OF, List.of("to the right of", "a la derecha de"));
        said.put(Relation.INSIDE, List.of("inside", "dentro de"));
        said.forEach((relation, words) -> {
            Scene pair = new Scene.Pair(star, relation, circle, Colour.ORANGE);
            assertSaid(
                    Language.ENGLISH,
                    pair,
                    "a green star %s a yellow circle".formatted(words.get(0)),
                    "a small green star %s a big yellow circle".formatted(words.get(0)),
                    "a green star %s a yellow circle on an orange background".formatted(words.get(0)));
            assertSaid(
                    Language.SPANISH,
                    pair,
                    "una estrella verde %s un círculo amarillo".formatted(words.get(1)),
                    "la estrella verde está %sl círculo amarillo".formatted(words.get(1)),
                    "una pequeña estrella verde %s un gran círculo amarillo".formatted(words.get(1)),
                    "una estrella verde %s un círculo amarillo sobre fondo naranja".formatted(words.get(1)));
            for (String caption : Captions.all(pair, Language.SPANISH)) {
                assertFalse(caption.contains(" de el ") || caption.contains(" a el "), caption);
            }
        });
    }

    @Test
    void verbsSuitTheMount() {
        Setting beach = Setting.of(Place.BEACH);
        assertSaid(
                Language.SPANISH,
                new Scene.Ride(Subject.QUEEN, Mount.BICYCLE, beach),
                "una reina en bicicleta en la playa",
                "una reina montada en una bicicleta en la playa",
                "una reina montando en una bicicleta en la playa");
        Scene rocket = new Scene.Ride(Subject.CAT, Mount.ROCKET, beach);
        assertSaid(
                Language.ENGLISH, rocket, "a cat flying on a rocket on the beach", "a kitten on a rocket on a beach");
        assertSaid(Language.SPANISH, rocket, "un gato vuela en un cohete en la playa");
        assertSaid(
                Language.SPANISH,
                new Scene.Ride(Subject.FROG, Mount.GIRAFFE, beach),
                "una rana a lomos de una jirafa en la playa");
    }

    @Test
    void lightAndWeatherAreNamedWhereTheyAreNotTheUsualOnes() {
        Scene night = new Scene.Portrait(
                Subject.BEAR, Pose.WAVING, new Setting(Place.FOREST, Daylight.NIGHT, Weather.SNOWFALL));
        for (String caption : Captions.all(night, Language.ENGLISH)) {
            assertTrue(caption.contains("night") && caption.contains("snow") && caption.contains("wav"), caption);
        }
        for (String caption : Captions.all(night, Language.SPANISH)) {
            assertTrue(caption.contains("noche") && caption.matches(".* ni?ev.*"), caption);
        }
        assertSaid(
                Language.SPANISH,
                new Scene.Still(Thing.CLOCK, Colour.BLUE, new Setting(Place.MEADOW, Daylight.SUNSET, Weather.FOG)),
                "un reloj azul en un prado al atardecer con niebla");
    }

    @Test
    void drawsOneOfThemInSomeStyle() {
        List<String> all = Captions.all(ASTRONAUT, Language.ENGLISH).stream()
                .map(caption -> caption.toLowerCase(Locale.ROOT))
                .toList();
        SplittableRandom random = new SplittableRandom(7);
        int keywords = 0;
        for (int i = 0; i < 1000; i++) {
            String caption = Captions.of(ASTRONAUT, random, Language.ENGLISH).toLowerCase(Locale.ROOT);
            assertTrue(all.contains(caption.replaceAll("\\.$", "")), caption);
            keywords += caption.startsWith("astronaut") ? 1 : 0;
        }
        assertEquals(100, keywords, 35);
        assertEquals(
                Captions.of(ASTRONAUT, new SplittableRandom(3), Language.SPANISH),
                Captions.of(ASTRONAUT, new SplittableRandom(3), Language.SPANISH));
    }

    @Test
    void heldOutPromptsAreHeldOutAndInBothLanguages() {
        List<Prompt> prompts = Prompts.heldOut(200, 1);

        assertEquals("an astronaut riding a horse on Mars", prompts.get(0).text());
        assertEquals(
                "un astronauta montando un caballo en Marte", prompts.get(1).text());
        assertEquals(200, prompts.stream().map(Prompt::text).distinct().count());
        assertEquals(
                100,
                prompts.stream().filter(p -> p.language() == Language.SPANISH).count());
        assertTrue(prompts.stream().map(Prompt::scene).allMatch(HeldOut::contains));
        assertEquals(
                3, prompts.stream().map(p -> p.scene().getClass()).distinct().count());
        assertEquals(prompts, Prompts.heldOut(200, 1));
        assertEquals(prompts.subList(0, 50), Prompts.heldOut(50, 1));
    }
}
