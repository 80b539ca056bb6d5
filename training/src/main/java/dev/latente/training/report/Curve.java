package dev.latente.training.report;

import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** One number of each step of a run, from its {@code log.jsonl}: whole, however often the run was started again. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Curve(double[] steps, double[] values) {
    /** The numbers of those names, in that order; a step that lacks one has NaN there. */
    static List<Curve> read(Path log, List<String> names) {
        List<double[]> rows = new ArrayList<>();
        try (Stream<String> lines = Files.lines(log)) {
            lines.filter(line -> line.endsWith("}")).map(Json::parse).forEach(json -> rows.add(row(json, names)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Curve> curves = new ArrayList<>();
        for (int i = 1; i <= names.size(); i++) {
            int column = i;
            curves.add(new Curve(
                    rows.stream().mapToDouble(r -> r[0]).toArray(),
                    rows.stream().mapToDouble(r -> r[column]).toArray()));
        }
        return curves;
    }

    private static double[] row(JsonNode json, List<String> names) {
        double[] row = new double[names.size() + 1];
        row[0] = json.path("step").asDouble(0);
        for (int i = 0; i < names.size(); i++) {
            row[i + 1] = json.path(names.get(i)).asDouble(Double.NaN);
        }
        return row;
    }

    /** The same, averaged over about a fiftieth of the run. */
    Curve smooth() {
        Smoothed average = new Smoothed(values.length / 50.0);
        double[] smooth = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            smooth[i] = average.add(values[i]);
        }
        return new Curve(steps, smooth);
    }

    double last() {
        return values.length == 0 ? Double.NaN : values[values.length - 1];
    }
}
