package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Language;
import dev.latente.mundo.Prompt;
import dev.latente.mundo.judge.Judge;
import dev.latente.mundo.judge.Shapes;
import dev.latente.mundo.judge.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * How often a generator draws what prompts say, by the judgement of {@link Judge} and {@link Shapes}.
 *
 * @param samples in the order of the prompts
 */
public record Evaluation(List<Sample> samples) {
    public Evaluation {
        samples = List.copyOf(samples);
    }

    /**
     * Draws a picture for each prompt and judges it.
     *
     * @param prompts such as {@link dev.latente.mundo.Prompts#heldOut}
     * @param seed of the first picture; the next has the next one
     * @param judge such as {@link Judge#judge}
     * @param batch how many are drawn at once
     * @param progress told how many have been drawn
     */
    public static Evaluation of(
            List<Prompt> prompts,
            long seed,
            Generator generator,
            Function<List<Picture>, List<Verdict>> judge,
            int batch,
            IntConsumer progress) {
        List<Sample> samples = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += batch) {
            List<Prompt> some = prompts.subList(from, Math.min(from + batch, prompts.size()));
            List<Picture> pictures = generator.draw(some, seed + from);
            List<Verdict> verdicts = judge.apply(pictures);
            for (int i = 0; i < some.size(); i++) {
                Prompt prompt = some.get(i);
                Picture picture = pictures.get(i);
                Marks marks = Marks.of(prompt.scene(), verdicts.get(i), Shapes.read(picture));
                samples.add(new Sample(prompt, seed + from + i, picture, marks));
            }
            progress.accept(samples.size());
        }
        return new Evaluation(samples);
    }

    /** Pictures that show an attribute rightly, of all those that it was asked of. */
    public Rate right(Attribute attribute) {
        List<Boolean> right = samples.stream()
                .map(s -> s.marks().right().get(attribute))
                .filter(Objects::nonNull)
                .toList();
        return new Rate(right.stream().filter(r -> r).count(), right.size());
    }

    /** Pictures without any mistake. */
    public Rate allRight() {
        return allRight(sample -> true);
    }

    public Rate allRight(Language language) {
        return allRight(sample -> sample.prompt().language() == language);
    }

    public Rate allRight(Verdict.Kind kind) {
        return allRight(sample -> Verdict.of(sample.prompt().scene()).kind() == kind);
    }

    private Rate allRight(Predicate<Sample> which) {
        List<Sample> some = samples.stream().filter(which).toList();
        return new Rate(some.stream().filter(s -> s.marks().all()).count(), some.size());
    }
}
