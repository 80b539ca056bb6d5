package dev.latente.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A small run that is stopped and goes on: what it leaves to look at. */
class RunReportTest {
    private static final long STEPS = 12;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<String> lines = new ArrayList<>();

    @Test
    void showsAllStepsAfterAResume() throws IOException {
        run(7);
        run(STEPS);

        assertThat(lines).hasSize((int) STEPS);
        assertThat(lines.get(11)).startsWith("12/12  loss ").contains("lr 1.00e-01", "img/s", "eta 0:00:00");
        List<String> speed = Files.readAllLines(folder.resolve("speed.jsonl"));
        assertThat(Json.parse(speed.get(speed.size() - 1)).get("step").asLong()).isEqualTo(STEPS);

        Curve loss = Curve.read(folder.resolve("log.jsonl"), List.of("loss")).get(0);
        assertThat(loss.steps()).hasSize((int) STEPS);
        assertThat(loss.values()[11]).isLessThan(loss.values()[0]);

        Path report = folder.resolve("report");
        for (String image : List.of("loss.png", "lr.png", "gradient.png", "samples.png", "samples/step-00000004.png")) {
            assertThat(PictureFiles.size(report.resolve(image))[0]).isEqualTo(1200);
        }
        assertThat(Files.readString(report.resolve("index.html")))
                .contains("12 of 12", "samples/step-00000004.png", "&quot;kind&quot; : &quot;a &lt; b&quot;")
                .doesNotContain("http-equiv");
    }

    @Test
    void writesEventsAsSpecified() throws IOException {
        run(7);
        run(STEPS);

        List<Event> events = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            List<Path> sorted = files.sorted().toList();
            assertThat(sorted).hasSize(2);
            for (Path file : sorted) {
                List<byte[]> records = records(ByteBuffer.wrap(Files.readAllBytes(file)));
                assertThat(fields(records.get(0)).get(2).text()).isEqualTo("brain.Event:2");
                records.stream().skip(1).map(Event::of).forEach(events::add);
            }
        }
        assertThat(events.stream().filter(e -> e.has("loss")).map(Event::step))
                .containsExactlyElementsOf(
                        Stream.iterate(1L, i -> i + 1).limit(STEPS).toList());
        List<JsonNode> log = Files.readAllLines(folder.resolve("log.jsonl")).stream()
                .map(Json::parse)
                .toList();
        Event third = events.get(2);
        assertThat(third.value("loss")).isEqualTo((float) log.get(2).get("loss").asDouble());
        assertThat(third.value("terms/half"))
                .isEqualTo((float) log.get(2).get("half").asDouble());
        assertThat(third.value("learning_rate")).isEqualTo(0.1f);

        Event sample =
                events.stream().filter(e -> e.has("samples/1")).findFirst().orElseThrow();
        List<Field> image = fields(field(sample.fields("samples/1"), 4).bytes());
        assertThat(field(image, 1).number()).isEqualTo(8);
        assertThat(field(image, 2).number()).isEqualTo(16);
        assertThat(PictureFiles.read(field(image, 4).bytes(), "sample")).isEqualTo(picture());
    }

    private static Picture picture() {
        return Picture.filled(16, 8, 3, 200);
    }

    /** Learns to be all threes; stops after so many steps. */
    private void run(long until) {
        TrainingConfig config = TrainingConfig.builder(STEPS, 0.1)
                .seed(1)
                .clip(0)
                .saveEvery(100)
                .sampleEvery(4)
                .build();
        Task task = (weights, turn) -> {
            var loss = Ops.sub(weights.get("w", 5), 3).square().mean();
            return new Task.Loss(loss, Map.of("half", Ops.mul(loss.detach(), 0.5)));
        };
        Reporting reporting =
                new Reporting(folder, Json.parse("{\"kind\": \"a < b\"}"), 4, (line, share) -> lines.add(line));
        try (Parameters parameters = new Parameters(Map.of("w", new long[] {5}), WeightSources.random(3), Device.CPU);
                Trainer trainer = new Trainer(
                        folder,
                        config,
                        parameters,
                        task,
                        reporting.listeners(t -> List.of(new Drawn("a gray field", picture()))))) {
            trainer.run(() -> trainer.done() >= until);
        }
    }

    /** The records of a TFRecord file, whose checksums are right. */
    private static List<byte[]> records(ByteBuffer file) {
        file.order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (file.hasRemaining()) {
            byte[] length = new byte[8];
            file.get(length);
            assertThat(file.getInt()).isEqualTo(TensorBoard.checksum(length, 8));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            file.get(data);
            assertThat(file.getInt()).isEqualTo(TensorBoard.checksum(data, data.length));
            records.add(data);
        }
        return records;
    }

    /** A field of a protocol buffer: a number, or the bits of one, or bytes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Field(int id, long number, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static Field field(List<Field> fields, int id) {
        return fields.stream().filter(f -> f.id == id).findFirst().orElseThrow();
    }

    private static List<Field> fields(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        List<Field> fields = new ArrayList<>();
        while (in.hasRemaining()) {
            long key = varint(in);
            int id = (int) (key >>> 3);
            fields.add(
                    switch ((int) (key & 7)) {
                        case 0 -> new Field(id, varint(in), new byte[0]);
                        case 1 -> new Field(id, in.getLong(), new byte[0]);
                        case 5 -> new Field(id, in.getInt(), new byte[0]);
                        default -> {
                            byte[] bytes = new byte[(int) varint(in)];
                            in.get(bytes);
                            yield new Field(id, 0, bytes);
                        }
                    });
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /** A step and the values of its summary. */
    private record Event(long step, List<List<Field>> values) {
        static Event of(byte[] record) {
            List<Field> event = fields(record);
            List<List<Field>> values = fields(field(event, 5).bytes()).stream()
                    .map(v -> RunReportTest.fields(v.bytes()))
                    .toList();
            return new Event(field(event, 2).number(), values);
        }

        boolean has(String tag) {
            return values.stream().anyMatch(v -> field(v, 1).text().equals(tag));
        }

        List<Field> fields(String tag) {
            return values.stream()
                    .filter(v -> field(v, 1).text().equals(tag))
                    .findFirst()
                    .orElseThrow();
        }

        float value(String tag) {
            return Float.intBitsToFloat((int) field(fields(tag), 2).number());
        }

        private static List<Field> fields(byte[] message) {
            return RunReportTest.fields(message);
        }
    }
}
