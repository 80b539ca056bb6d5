package dev.latente.training.data;

import dev.latente.pipelines.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which examples each step sees, as a pure function of seed and step: a run that is resumed goes on exactly. Every batch is
 * of one bucket. A bucket is walked in one permutation after the other, so each example is seen once per epoch; what does
 * not fill a batch waits for the bucket's next epoch. Thread-safe.
 */
public final class BatchPlan {
    private final List<Bucket> buckets;
    private final int batch;
    private final long seed;
    private final int examples;

    @SuppressWarnings("ArrayRecordComponent") // private, and never compared
    private record Bucket(Size size, int[] members) {
        /** Batches that are full after that many epochs. */
        long batches(long epochs, int batch) {
            return epochs * members.length / batch;
        }
    }

    /**
     * What one step sees.
     *
     * @param epoch how often everything was seen before
     * @param size that pictures are trained at
     * @param examples their numbers
     */
    public record Choice(long step, long epoch, Size size, List<Integer> examples) {}

    private BatchPlan(List<Bucket> buckets, int batch, long seed) {
        this.buckets = buckets;
        this.batch = batch;
        this.seed = seed;
        this.examples = buckets.stream().mapToInt(b -> b.members.length).sum();
        if (batch < 1 || examples == 0) {
            throw new IllegalArgumentException(
                    "batches: got [%d] examples for batches of [%d], wanted at least one of each"
                            .formatted(examples, batch));
        }
    }

    /** Reads the sizes of all pictures and puts each into its bucket; what has no size is reported and left out. */
    public static BatchPlan of(Dataset data, Buckets buckets, int batch, long seed, SkippedExamples skipped) {
        data.skipped().forEach(skipped::add);
        @Nullable Size[] sizes = new Size[data.size()];
        IntStream.range(0, sizes.length).parallel().forEach(i -> {
            try {
                sizes[i] = buckets.nearest(data.pictureSize(i));
            } catch (UnreadableExampleException e) {
                skipped.add(e.skipped());
            }
        });
        List<Bucket> found = new ArrayList<>();
        for (Size size : buckets.sizes()) {
            int[] members = IntStream.range(0, sizes.length)
                    .filter(i -> size.equals(sizes[i]))
                    .toArray();
            if (members.length > 0) {
                found.add(new Bucket(size, members));
            }
        }
        return new BatchPlan(List.copyOf(found), batch, seed);
    }

    /** Examples that can be read, as far as their headers say. */
    public int examples() {
        return examples;
    }

    /** Steps in an epoch; a fraction, as batches do not end with epochs. */
    public double stepsPerEpoch() {
        return (double) examples / batch;
    }

    /** How many examples each bucket has. */
    public Map<Size, Integer> counts() {
        Map<Size, Integer> counts = new LinkedHashMap<>();
        buckets.forEach(b -> counts.put(b.size, b.members.length));
        return counts;
    }

    /** The examples of a step, counted from 0. */
    public Choice at(long step) {
        long epoch = epoch(step);
        long first = batchesBefore(epoch);
        int inEpoch = Math.toIntExact(batchesBefore(epoch + 1) - first);
        long nth = Shuffle.at(CounterRandom.mix(seed, epoch, -1), inEpoch, (int) (step - first));
        for (int b = 0; b < buckets.size(); b++) {
            Bucket bucket = buckets.get(b);
            long from = bucket.batches(epoch, batch);
            long here = bucket.batches(epoch + 1, batch) - from;
            if (nth < here) {
                return new Choice(step, epoch, bucket.size, members(b, (from + nth) * batch));
            }
            nth -= here;
        }
        throw new AssertionError("the buckets hold the batches of an epoch");
    }

    /** The example that stands in for one that cannot be read: the next of its bucket, around its end. */
    int standIn(Size size, int index) {
        for (Bucket bucket : buckets) {
            int at = bucket.size.equals(size) ? Arrays.binarySearch(bucket.members, index) : -1;
            if (at >= 0) {
                return bucket.members[(at + 1) % bucket.members.length];
            }
        }
        throw new IllegalArgumentException("example [%d] is not in bucket [%s]".formatted(index, size));
    }

    private List<Integer> members(int b, long from) {
        int[] members = buckets.get(b).members;
        List<Integer> out = new ArrayList<>();
        for (long i = from; i < from + batch; i++) {
            long key = CounterRandom.mix(seed, i / members.length, b);
            out.add(members[Shuffle.at(key, members.length, (int) (i % members.length))]);
        }
        return out;
    }

    private long batchesBefore(long epoch) {
        return buckets.stream().mapToLong(b -> b.batches(epoch, batch)).sum();
    }

    /** The epoch that holds the step: the last with no more batches before it. */
    private long epoch(long step) {
        Objects.checkIndex(step, Long.MAX_VALUE);
        long low = 0;
        long high = (step + buckets.size() + 1) * batch / examples + 1;
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            if (batchesBefore(middle) <= step) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
