package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessCommandTest {
    private static final Path ANNOTATORS = Path.of("../core/src/test/resources/golden/annotators");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final StringWriter err = new StringWriter();

    @BeforeEach
    void picture() {
        Picture square = Picture.filled(48, 40, 3, 30).paste(Picture.filled(20, 20, 3, 220), 10, 10);
        PictureFiles.writePng(folder.resolve("a.png"), square, Map.of());
        PictureFiles.writePng(folder.resolve("classes.png"), Picture.filled(4, 4, 1, 2), Map.of());
    }

    private int run(String... arguments) {
        List<String> args = new ArrayList<>(List.of("preprocess"));
        args.addAll(List.of(arguments));
        return Main.commandLine().setErr(new PrintWriter(err, true)).execute(args.toArray(new String[0]));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void everyKindWritesAPictureBesideItsInput() throws Exception {
        for (String kind : List.of("canny", "softedge", "lineart", "scribble", "tile", "shuffle")) {
            assertThat(run(kind, file("a.png"))).as(kind).isZero();
            Picture made = PictureFiles.read(folder.resolve("a-" + kind + ".png"));
            assertThat(made.width()).isEqualTo(48);
            assertThat(made).isNotEqualTo(PictureFiles.read(folder.resolve("a.png")));
        }
        assertThat(PictureFiles.read(folder.resolve("a-canny.png")))
                .isEqualTo(Edges.canny(PictureFiles.read(folder.resolve("a.png")), 100, 200));
        assertThat(run("segmentation", file("classes.png"))).isZero();
        Files.writeString(folder.resolve("pose.json"), "{\"people\": [{\"face_keypoints_2d\": [3, 4, 1]}]}");
        assertThat(run("openpose", file("pose.json"), "--size", "16x24", "-o", file("pose.png")))
                .isZero();
        assertThat(PictureFiles.read(folder.resolve("pose.png")).height()).isEqualTo(24);
    }

    @Test
    void networksSeeWithTheirWeights() {
        assertThat(run("hed", file("a.png"), "--weights", ANNOTATORS + "/hed/hed.safetensors"))
                .isZero();
        assertThat(run("depth", file("a.png"), "--weights", ANNOTATORS + "/dpt_add/model"))
                .isZero();
        Picture depth = PictureFiles.read(folder.resolve("a-depth.png"));
        assertThat(depth.channels()).isEqualTo(1);
        int[] values = new int[depth.data().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = depth.data()[i] & 255;
        }
        assertThat(values).contains(0, 255);
    }

    @Test
    void whatIsMissingIsSaidInALine() {
        assertSays("--weights", "depth", file("a.png"));
        assertSays("--weights", "canny", file("a.png"), "--weights", "x");
        assertSays("LOW,HIGH", "canny", file("a.png"), "--thresholds", "1");
        assertSays("--size", "openpose", poseWithoutSize());
        assertSays("SCRIBBLE", "drawing", file("a.png"));
        assertSays("is missing", "hed", file("a.png"), "--weights", ANNOTATORS + "/dpt_add/model/model.safetensors");
    }

    private String poseWithoutSize() {
        try {
            return Files.writeString(folder.resolve("p.json"), "{\"people\": []}")
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertSays(String part, String... arguments) {
        assertThat(run(arguments)).isNotZero();
        assertThat(err.toString()).contains(part);
        err.getBuffer().setLength(0);
    }
}
