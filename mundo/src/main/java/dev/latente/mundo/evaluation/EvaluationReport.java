package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Captions;
import dev.latente.mundo.Language;
import dev.latente.mundo.World;
import dev.latente.mundo.judge.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How held-out prompts were followed. Its pictures are samples.png and nearest.png. */
public record EvaluationReport(Evaluation evaluation, Resemblance resemblance, Reconstruction reconstruction)
        implements Report {
    /** The first so many samples are shown, whatever they look like. */
    private static final int SHOWN = 80;

    private static final int COMPARED = 30;
    private static final int COLUMNS = 10;

    @Override
    public String table() {
        List<String> lines = new ArrayList<>(List.of("| | right | pictures |", "|---|---|---|"));
        rates().forEach((name, rate) -> lines.add("| %s | %s | %d |".formatted(name, rate, rate.of())));
        lines.add("");
        if (!reconstruction.psnr().isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "Autoencoder: %.2f dB PSNR, mean of %d unseen pictures.",
                    reconstruction.mean(),
                    reconstruction.psnr().size()));
        }
        if (!resemblance.samples().isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "Distance to the nearest training picture, in levels: median %.1f, least %.1f; of newly painted"
                            + " pictures of the same scenes: median %.1f, least %.1f. Nearer than any of these: %s.",
                    Resemblance.quantile(resemblance.samples(), 0.5),
                    Resemblance.quantile(resemblance.samples(), 0),
                    Resemblance.quantile(resemblance.fresh(), 0.5),
                    Resemblance.quantile(resemblance.fresh(), 0),
                    resemblance.suspicious()));
        }
        return String.join("\n", lines) + "\n";
    }

    @Override
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pictures", evaluation.samples().size());
        Map<String, Object> right = new LinkedHashMap<>();
        rates().forEach((name, rate) -> right.put(name, rate.values()));
        values.put("right", right);
        if (!reconstruction.psnr().isEmpty()) {
            values.put("psnr", reconstruction.mean());
        }
        if (!resemblance.samples().isEmpty()) {
            Map<String, Object> nearest = new LinkedHashMap<>();
            nearest.put("median", Resemblance.quantile(resemblance.samples(), 0.5));
            nearest.put("least", Resemblance.quantile(resemblance.samples(), 0));
            nearest.put("fresh_median", Resemblance.quantile(resemblance.fresh(), 0.5));
            nearest.put("fresh_least", Resemblance.quantile(resemblance.fresh(), 0));
            nearest.put("nearer_than_fresh", resemblance.suspicious().values());
            values.put("nearest", nearest);
        }
        return values;
    }

    /** By attribute, then pictures without a mistake: all of them, by language, by kind; without what nobody asked for. */
    private Map<String, Rate> rates() {
        Map<String, Rate> rates = new LinkedHashMap<>();
        for (Attribute attribute : Attribute.values()) {
            rates.put(lower(attribute), evaluation.right(attribute));
        }
        rates.put("all", evaluation.allRight());
        for (Language language : Language.values()) {
            rates.put("all, " + lower(language), evaluation.allRight(language));
        }
        for (Verdict.Kind kind : Verdict.Kind.values()) {
            rates.put("all, " + lower(kind), evaluation.allRight(kind));
        }
        rates.values().removeIf(rate -> rate.of() == 0);
        return rates;
    }

    @Override
    public List<Map<String, Object>> samples() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (int i = 0; i < evaluation.samples().size(); i++) {
            Sample sample = evaluation.samples().get(i);
            Map<String, Object> values = values(sample);
            if (i < resemblance.samples().size()) {
                TrainingPictures.Neighbour nearest = resemblance.samples().get(i);
                values.put("nearest_seed", nearest.seed());
                values.put("nearest_distance", nearest.distance());
            }
            list.add(values);
        }
        return list;
    }

    @Override
    public Map<String, Picture> pictures() {
        Map<String, Picture> pictures = new LinkedHashMap<>();
        pictures.put("samples.png", sheet(evaluation));
        if (!resemblance.samples().isEmpty()) {
            pictures.put("nearest.png", Sheet.draw(compared(), COLUMNS));
        }
        return pictures;
    }

    /** The first samples, with what is wrong in them. */
    static Picture sheet(Evaluation evaluation) {
        return Sheet.draw(
                evaluation.samples().stream()
                        .limit(SHOWN)
                        .map(EvaluationReport::cell)
                        .toList(),
                COLUMNS);
    }

    /** A sample for JSON. */
    static Map<String, Object> values(Sample sample) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("prompt", sample.prompt().text());
        values.put("language", lower(sample.prompt().language()));
        values.put("seed", sample.seed());
        Map<String, Object> right = new LinkedHashMap<>();
        sample.marks().right().forEach((attribute, is) -> right.put(lower(attribute), is));
        values.put("right", right);
        return values;
    }

    /** Each sample beside the training picture that it is nearest to. */
    private List<Sheet.Cell> compared() {
        List<Sheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < Math.min(COMPARED, resemblance.samples().size()); i++) {
            TrainingPictures.Neighbour nearest = resemblance.samples().get(i);
            cells.add(cell(evaluation.samples().get(i)));
            cells.add(new Sheet.Cell(
                    nearest.picture(),
                    java.awt.Color.GRAY,
                    Captions.plain(World.scene(nearest.seed()), Language.ENGLISH),
                    String.format(Locale.ROOT, "%.1f levels", nearest.distance())));
        }
        return cells;
    }

    private static Sheet.Cell cell(Sample sample) {
        Marks marks = sample.marks();
        String note = String.join(
                ", ", marks.wrong().stream().map(EvaluationReport::lower).toList());
        return new Sheet.Cell(
                sample.picture(),
                marks.all() ? Sheet.RIGHT : Sheet.WRONG,
                sample.prompt().text(),
                note);
    }

    static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }
}
