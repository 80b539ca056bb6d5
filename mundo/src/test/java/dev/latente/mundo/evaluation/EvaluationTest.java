package dev.latente.mundo.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.mundo.Colour;
import dev.latente.mundo.Mount;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Place;
import dev.latente.mundo.Prompt;
import dev.latente.mundo.Prompts;
import dev.latente.mundo.Relation;
import dev.latente.mundo.Scene;
import dev.latente.mundo.Setting;
import dev.latente.mundo.ShapeItem;
import dev.latente.mundo.ShapeKind;
import dev.latente.mundo.Size;
import dev.latente.mundo.Subject;
import dev.latente.mundo.TinyMundo;
import dev.latente.mundo.World;
import dev.latente.mundo.judge.Verdict;
import dev.latente.pipelines.Checkpoint;
import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EvaluationTest {
    private static final Verdict NOTHING = new Verdict(Verdict.Kind.SHAPES, null, null, null, null);
    private static final ShapeItem RED = new ShapeItem(ShapeKind.CIRCLE, Colour.RED, Size.BIG);
    private static final ShapeItem BLUE = new ShapeItem(ShapeKind.SQUARE, Colour.BLUE, Size.BIG);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private static Scene pair(ShapeItem first, Relation relation, ShapeItem second) {
        return new Scene.Pair(first, relation, second, Colour.WHITE);
    }

    private static Map<Attribute, Boolean> marks(Scene wanted, Scene read) {
        return Marks.of(wanted, NOTHING, Optional.of(read)).right();
    }

    @Test
    void eachPartOfARideIsMarked() {
        Scene wanted = new Scene.Ride(Subject.CAT, Mount.HORSE, Setting.of(Place.MOON));
        Verdict seen = new Verdict(Verdict.Kind.RIDE, Place.MOON, Subject.ROBOT, Mount.HORSE, null);
        Marks marks = Marks.of(wanted, seen, Optional.empty());
        assertThat(marks.right())
                .isEqualTo(Map.of(Attribute.PLACE, true, Attribute.SUBJECT, false, Attribute.MOUNT, true));
        assertThat(marks.wrong()).containsExactly(Attribute.SUBJECT);
    }

    @Test
    void aPairOnTheWrongSidesHasItsShapesAndColours() {
        Scene wanted = pair(RED, Relation.ABOVE, BLUE);
        assertThat(marks(wanted, pair(BLUE, Relation.BELOW, RED))).doesNotContainValue(false);
        assertThat(marks(wanted, pair(BLUE, Relation.ABOVE, RED)))
                .isEqualTo(Map.of(
                        Attribute.COUNT, true,
                        Attribute.SHAPE, true,
                        Attribute.COLOUR, true,
                        Attribute.RELATION, false));
    }

    @Test
    void swappedColoursAreWrong() {
        ShapeItem blueCircle = new ShapeItem(ShapeKind.CIRCLE, Colour.BLUE, Size.BIG);
        ShapeItem redSquare = new ShapeItem(ShapeKind.SQUARE, Colour.RED, Size.BIG);
        Map<Attribute, Boolean> marks =
                marks(pair(RED, Relation.ABOVE, BLUE), pair(blueCircle, Relation.ABOVE, redSquare));
        assertThat(marks).containsEntry(Attribute.SHAPE, true).containsEntry(Attribute.COLOUR, false);
    }

    @Test
    void aGroupMayHaveTheRightShapeInTheWrongNumber() {
        Map<Attribute, Boolean> marks =
                marks(new Scene.Group(3, RED, Colour.WHITE), new Scene.Group(2, RED, Colour.WHITE));
        assertThat(marks).isEqualTo(Map.of(Attribute.COUNT, false, Attribute.SHAPE, true, Attribute.COLOUR, true));
        assertThat(Marks.of(new Scene.Group(3, RED, Colour.WHITE), NOTHING, Optional.empty())
                        .right())
                .doesNotContainValue(true);
    }

    @Test
    void wilsonsIntervalIsThatOfTheTables() {
        Rate rate = new Rate(8, 10);
        assertThat(rate.low()).isCloseTo(0.4902, within(1e-4));
        assertThat(rate.high()).isCloseTo(0.9433, within(1e-4));
        assertThat(new Rate(0, 5).low()).isZero();
        assertThat(rate).hasToString("80.0 % (49.0–94.3)");
    }

    @Test
    void aCopyIsFound() {
        TrainingPictures training = new TrainingPictures(100, 50);
        Picture copy = Picture.of(Painter.paint(World.scene(117), 117));
        Prompt prompt = Prompts.heldOut(1, 1).get(0);
        Sample sample = new Sample(prompt, 0, copy, new Marks(Map.of()));
        Resemblance resemblance = Resemblance.of(List.of(sample), training);
        assertThat(resemblance.samples()).containsExactly(new TrainingPictures.Neighbour(117, 0));
        assertThat(resemblance.suspicious()).isEqualTo(new Rate(1, 1));
    }

    /** Every fourth picture shows another subject in the right place. */
    @Test
    void aWordIsRecognisedAsOftenAsItsSubjectIsSeen() {
        List<Prompt> prompts = Prompts.ofWord("<amigo>", Subject.PENGUIN, 8);
        List<Verdict> seen = new ArrayList<>();
        Generator generator = (some, seed) -> {
            for (int i = 0; i < some.size(); i++) {
                Scene scene = some.get(i).scene();
                Verdict right = Verdict.of(scene);
                seen.add(i % 4 == 3 ? new Verdict(right.kind(), right.place(), Subject.CAT, null, null) : right);
            }
            return some.stream()
                    .map(p -> Picture.of(Painter.paint(p.scene(), seed)))
                    .toList();
        };
        WordReport report = new WordReport(
                "<amigo>", Subject.PENGUIN, Evaluation.of(prompts, 1, generator, p -> seen, 8, done -> {}));
        assertThat(report.recognised()).isEqualTo(new Rate(6, 8));
        report.write(folder);
        JsonNode results = Json.read(folder.resolve("results.json"));
        assertThat(results.path("recognised").path("share").asDouble()).isEqualTo(0.75);
        assertThat(results.path("place").path("right").asInt()).isEqualTo(8);
        assertThat(results.path("samples").path(3).path("right").path("subject").asBoolean(true))
                .isFalse();
        assertThat(folder.resolve("table.md"))
                .content()
                .contains("| <amigo> |", "| penguin | 75.0 % (", "| place | 100.0 %");
        assertThat(PictureFiles.read(folder.resolve("word.png")).width()).isGreaterThan(1000);
    }

    /** Painted scenes stand in for a generator that is right but for every fifth picture, which is of the next prompt. */
    @Test
    void reportsWhatIsRight() throws Exception {
        List<Prompt> prompts = Prompts.heldOut(30, 3);
        List<Scene> painted = new ArrayList<>();
        Generator generator = (some, seed) -> some.stream()
                .map(p -> {
                    int i = prompts.indexOf(p);
                    Scene scene = prompts.get(i % 5 == 4 ? (i + 1) % 30 : i).scene();
                    painted.add(scene);
                    return Picture.of(Painter.paint(scene, (1L << 43) + i));
                })
                .toList();
        List<Integer> progress = new ArrayList<>();
        Evaluation evaluation = Evaluation.of(
                prompts,
                1,
                generator,
                pictures -> painted.subList(painted.size() - pictures.size(), painted.size()).stream()
                        .map(Verdict::of)
                        .toList(),
                8,
                progress::add);
        assertThat(progress).containsExactly(8, 16, 24, 30);
        assertThat(evaluation.allRight().right()).isBetween(22L, 24L);
        Reconstruction reconstruction;
        try (Checkpoint checkpoint = Checkpoint.load(TinyMundo.write(folder.resolve("model")))) {
            reconstruction = Reconstruction.of(checkpoint, 3, done -> {});
        }
        assertThat(reconstruction.mean()).isBetween(0.0, 30.0);
        Resemblance resemblance = Resemblance.of(evaluation.samples(), new TrainingPictures(0, 40));
        new EvaluationReport(evaluation, resemblance, reconstruction).write(folder);
        JsonNode results = Json.read(folder.resolve("results.json"));
        assertThat(results.path("right").path("all").path("of").asInt()).isEqualTo(30);
        assertThat(results.path("samples").size()).isEqualTo(30);
        assertThat(folder.resolve("table.md")).content().contains("| all, spanish |", "dB PSNR", "| relation |");
        assertThat(PictureFiles.read(folder.resolve("samples.png")).width()).isGreaterThan(1000);
        assertThat(folder.resolve("nearest.png")).exists();
    }
}
