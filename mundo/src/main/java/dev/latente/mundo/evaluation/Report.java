package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What was measured, as a table, as JSON and as pictures to look at. */
public sealed interface Report permits EvaluationReport, EdgeReport, WordReport {
    /** A table in Markdown. Shares are followed by their 95 % intervals. */
    String table();

    /** The same as plain values for JSON, without the single samples; a new map. */
    Map<String, Object> values();

    /** The single samples as plain values for JSON. */
    List<Map<String, Object>> samples();

    /** Pictures by the names of their files. */
    Map<String, Picture> pictures();

    /** Writes table.md, results.json and the pictures. */
    default void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("table.md"), table());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Object> all = values();
        all.put("samples", samples());
        Json.write(folder.resolve("results.json"), Json.parse(Json.text(all)));
        pictures().forEach((name, picture) -> PictureFiles.writePng(folder.resolve(name), picture, Map.of()));
    }
}
