package dev.latente.training.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the batch of a step: a pure function of the dataset, the plan's seed and the step. A picture that cannot be read is
 * reported, and the next of its bucket stands in. Thread-safe.
 */
public final class Loader {
    private final Dataset data;
    private final BatchPlan plan;
    private final Augment augment;
    private final long seed;
    private final SkippedExamples skipped;

    /**
     * @param seed of crops, flips and choices among captions
     * @param skipped told what could not be read
     */
    public Loader(Dataset data, BatchPlan plan, Augment augment, long seed, SkippedExamples skipped) {
        this.data = data;
        this.plan = plan;
        this.augment = augment;
        this.seed = seed;
        this.skipped = skipped;
    }

    /**
     * Decodes the batch of a step.
     *
     * @throws IllegalStateException if nothing in its bucket can be read
     */
    public Batch batch(long step) {
        BatchPlan.Choice choice = plan.at(step);
        List<Sample> samples = new ArrayList<>();
        for (int index : choice.examples()) {
            CounterRandom random = new CounterRandom(seed, step, samples.size());
            samples.add(augment.apply(readable(choice, index), choice.size(), random));
        }
        return new Batch(step, choice.epoch(), choice.size(), samples);
    }

    private Example readable(BatchPlan.Choice choice, int index) {
        int candidate = index;
        do {
            try {
                return data.get(candidate);
            } catch (UnreadableExampleException e) {
                skipped.add(e.skipped());
                candidate = plan.standIn(choice.size(), candidate);
            }
        } while (candidate != index);
        throw new IllegalStateException("step %d: none of the pictures of size [%s] can be read, the first is [%s]"
                .formatted(choice.step(), choice.size(), data.name(index)));
    }
}
