package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** How edges were followed. Its picture is edges.png: painted, edges, drawn along them, drawn without them. */
public record EdgeReport(EdgeOverlap overlap) implements Report {
    /** The first so many samples are shown, whatever they look like. */
    private static final int SHOWN = 24;

    private static final int COLUMNS = 8;

    @Override
    public String table() {
        return String.format(
                Locale.ROOT,
                """
                | %d pictures | edges in common |
                |---|---|
                | steered | %.3f |
                | not steered | %.3f |
                | painted, encoded and decoded | %.3f |

                Mean intersection over union with the edges of the painted pictures, by Canny with %s and %s, dilated by 5x5 pixels.
                """,
                overlap.trials().size(),
                overlap.mean(EdgeOverlap.Trial::steered),
                overlap.mean(EdgeOverlap.Trial::free),
                overlap.mean(EdgeOverlap.Trial::decoded),
                overlap.canny().low(),
                overlap.canny().high());
    }

    @Override
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pictures", overlap.trials().size());
        values.put("canny", List.of(overlap.canny().low(), overlap.canny().high()));
        values.put("steered", overlap.mean(EdgeOverlap.Trial::steered));
        values.put("not_steered", overlap.mean(EdgeOverlap.Trial::free));
        values.put("decoded", overlap.mean(EdgeOverlap.Trial::decoded));
        return values;
    }

    @Override
    public List<Map<String, Object>> samples() {
        return overlap.trials().stream().map(EdgeReport::values).toList();
    }

    private static Map<String, Object> values(EdgeOverlap.Trial trial) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("prompt", trial.prompt().text());
        values.put("seed", trial.seed());
        values.put("steered", trial.steered().iou());
        values.put("not_steered", trial.free().iou());
        values.put("decoded", trial.decoded().iou());
        return values;
    }

    @Override
    public Map<String, Picture> pictures() {
        List<Sheet.Cell> cells = overlap.trials().stream()
                .limit(SHOWN)
                .flatMap(EdgeReport::cells)
                .toList();
        return Map.of("edges.png", Sheet.draw(cells, COLUMNS));
    }

    private static Stream<Sheet.Cell> cells(EdgeOverlap.Trial trial) {
        return Stream.of(
                new Sheet.Cell(trial.painted(), Color.GRAY, trial.prompt().text(), "painted"),
                new Sheet.Cell(trial.edges(), Color.GRAY, "edges", ""),
                cell(trial.steered(), "steered"),
                cell(trial.free(), "not steered"));
    }

    private static Sheet.Cell cell(EdgeOverlap.Match match, String text) {
        return new Sheet.Cell(match.picture(), Color.GRAY, text, String.format(Locale.ROOT, "%.2f", match.iou()));
    }
}
