package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How often pictures of a word that a model was taught show what it means. Its picture is word.png.
 *
 * @param subject what the word means
 * @param evaluation of prompts such as {@link dev.latente.mundo.Prompts#ofWord}
 */
public record WordReport(String word, Subject subject, Evaluation evaluation) implements Report {
    /** Pictures in which the judge sees the subject. */
    public Rate recognised() {
        return evaluation.right(Attribute.SUBJECT);
    }

    @Override
    public String table() {
        return """
            | %s | right | pictures |
            |---|---|---|
            | %s | %s | %d |
            | place | %s | %d |
            | both | %s | %d |
            """.formatted(
                        word,
                        EvaluationReport.lower(subject),
                        recognised(),
                        recognised().of(),
                        evaluation.right(Attribute.PLACE),
                        evaluation.right(Attribute.PLACE).of(),
                        evaluation.allRight(),
                        evaluation.allRight().of());
    }

    @Override
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("word", word);
        values.put("subject", EvaluationReport.lower(subject));
        values.put("pictures", evaluation.samples().size());
        values.put("recognised", recognised().values());
        values.put("place", evaluation.right(Attribute.PLACE).values());
        values.put("both", evaluation.allRight().values());
        return values;
    }

    @Override
    public List<Map<String, Object>> samples() {
        return evaluation.samples().stream().map(EvaluationReport::values).toList();
    }

    @Override
    public Map<String, Picture> pictures() {
        return Map.of("word.png", EvaluationReport.sheet(evaluation));
    }
}
