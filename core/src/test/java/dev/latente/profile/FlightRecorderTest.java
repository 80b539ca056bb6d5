package dev.latente.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.pipelines.TinyCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
    /** Runs a phase in a JVM of its own. */
    public static final class OnePhase {
        private OnePhase() {}

        public static void main(String[] args) {
            new Phase.Step(0, 1, 999, 14).run(() -> args);
        }
    }

    @Test
    void eachStepIsAnEvent(@TempDir Path folder) throws Exception {
        Path model = TinyCheckpoint.write(folder.resolve("model"));
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            try (Checkpoint checkpoint = Checkpoint.load(model)) {
                new TextToImage(checkpoint).generate(Request.of("tiny").withSteps(4));
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().startsWith("dev.latente."))
                .toList();
        assertThat(events)
                .extracting(e -> e.getEventType().getName().substring("dev.latente.".length()))
                .containsExactlyInAnyOrder("Load", "Picture", "Encode", "Step", "Step", "Step", "Step", "Decode");
        assertThat(named("Load", events).get(0).getString("model")).isEqualTo(model.toString());
        assertThat(named("Decode", events).get(0).getLong("width")).isEqualTo(32);
        RecordedEvent picture = named("Picture", events).get(0);
        assertThat(picture.getString("pipeline")).isEqualTo("text to image");

        List<RecordedEvent> steps = named("Step", events);
        assertThat(steps).extracting(e -> e.getInt("index")).containsExactly(0, 1, 2, 3);
        assertThat(steps).extracting(e -> e.getInt("of")).containsOnly(4);
        // As Euler's ancestral sampler spaces them, from the end of each quarter.
        assertThat(steps).extracting(e -> e.getDouble("timestep")).containsExactly(751.0, 501.0, 251.0, 1.0);
        assertThat(steps).extracting(e -> e.getDouble("sigma")).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        for (RecordedEvent step : steps) {
            assertThat(step.getDuration()).isPositive();
            assertThat(step.getStartTime()).isAfterOrEqualTo(picture.getStartTime());
            assertThat(step.getEndTime()).isBeforeOrEqualTo(picture.getEndTime());
        }
    }

    private static List<RecordedEvent> named(String name, List<RecordedEvent> events) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals("dev.latente." + name))
                .toList();
    }

    @Test
    void nothingOfItIsLoadedWithoutARecording() throws Exception {
        String loaded = classesLoadedBy();
        assertThat(loaded).contains("dev.latente.profile.Phase$Step").doesNotContain("PhaseEvents", "jdk.jfr.internal");
        // What counts as started is seen.
        assertThat(classesLoadedBy("-XX:StartFlightRecording:settings=none")).contains("PhaseEvents$StepEvent");
    }

    private static String classesLoadedBy(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xlog:class+load"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), OnePhase.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
