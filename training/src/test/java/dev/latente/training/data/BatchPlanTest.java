package dev.latente.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.pipelines.Size;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
    private static final Buckets BUCKETS = Buckets.of(new Size(64, 64), 8, 2);

    /** Pictures of these sizes, one colour each; a size of zero cannot be read. */
    record Plain(List<int[]> sizes) implements Dataset {
        @Override
        public int size() {
            return sizes.size();
        }

        @Override
        public String name(int index) {
            return "picture " + index;
        }

        @Override
        public Size pictureSize(int index) {
            int[] sides = sizes.get(index);
            return UnreadableExampleException.naming(name(index), () -> new Size(sides[0], sides[1]));
        }

        @Override
        public Example get(int index) {
            Size size = pictureSize(index);
            return new Example(
                    name(index), Picture.filled(size.width(), size.height(), 3, index), List.of("caption " + index));
        }
    }

    private static Plain squares(int n) {
        return new Plain(IntStream.range(0, n).mapToObj(i -> new int[] {64, 64}).toList());
    }

    @Test
    void shufflesArePermutationsAndFair() {
        for (int n : new int[] {1, 2, 3, 17, 1000}) {
            int size = n;
            assertThat(IntStream.range(0, n).map(i -> Shuffle.at(7, size, i)).sorted())
                    .containsExactly(IntStream.range(0, n).boxed().toArray(Integer[]::new));
        }
        Map<String, Integer> counts = new HashMap<>();
        for (long key = 0; key < 6000; key++) {
            long k = CounterRandom.mix(key);
            counts.merge("" + Shuffle.at(k, 3, 0) + Shuffle.at(k, 3, 1) + Shuffle.at(k, 3, 2), 1, Integer::sum);
        }
        // Six orders, each 1000 times; five standard deviations are 145.
        assertThat(counts).hasSize(6);
        assertThat(counts.values()).allMatch(c -> Math.abs(c - 1000) < 145);
    }

    @Test
    void anEpochSeesEveryExampleOnce() {
        BatchPlan plan = BatchPlan.of(squares(12), BUCKETS, 4, 1, new SkippedExamples());
        for (int epoch = 0; epoch < 3; epoch++) {
            Set<Integer> seen = new HashSet<>();
            for (int step = 3 * epoch; step < 3 * epoch + 3; step++) {
                assertThat(plan.at(step).epoch()).isEqualTo(epoch);
                seen.addAll(plan.at(step).examples());
            }
            assertThat(seen).hasSize(12);
        }
        assertThat(plan.at(0).examples()).isNotEqualTo(plan.at(3).examples());
    }

    @Test
    void bucketsThatDoNotFillBatchesAreSeenAsOften() {
        List<int[]> sizes = IntStream.range(0, 11)
                .mapToObj(i -> i < 7 ? new int[] {64, 64} : i < 10 ? new int[] {90, 45} : new int[] {45, 90})
                .toList();
        BatchPlan plan = BatchPlan.of(new Plain(sizes), BUCKETS, 4, 5, new SkippedExamples());
        int[] seen = new int[11];
        long steps = 11 * 40 / 4;
        for (long step = 0; step < steps; step++) {
            BatchPlan.Choice choice = plan.at(step);
            assertThat(choice.examples()).hasSize(4);
            choice.examples().forEach(i -> seen[i]++);
            assertThat(choice.examples())
                    .allMatch(i -> BUCKETS.nearest(new Size(sizes.get(i)[0], sizes.get(i)[1]))
                            .equals(choice.size()));
        }
        assertThat(seen).containsOnly(40);
    }

    @Test
    void aStepIsAFunctionOfTheSeed() {
        BatchPlan one = BatchPlan.of(squares(50), BUCKETS, 8, 1, new SkippedExamples());
        BatchPlan again = BatchPlan.of(squares(50), BUCKETS, 8, 1, new SkippedExamples());
        BatchPlan other = BatchPlan.of(squares(50), BUCKETS, 8, 2, new SkippedExamples());
        assertThat(one.at(123)).isEqualTo(again.at(123)).isNotEqualTo(other.at(123));
        assertThat(one.at(1_000_000_000_000L)).isEqualTo(again.at(1_000_000_000_000L));
    }

    @Test
    void fewerExamplesThanABatchRepeat() {
        BatchPlan plan = BatchPlan.of(squares(3), BUCKETS, 4, 1, new SkippedExamples());
        assertThat(plan.at(0).examples()).hasSize(4).contains(0, 1, 2);
        assertThat(plan.stepsPerEpoch()).isEqualTo(0.75);
    }

    @Test
    void whatHasNoSizeIsReportedAndLeftOut() {
        SkippedExamples skipped = new SkippedExamples();
        Plain data = new Plain(List.of(new int[] {64, 64}, new int[] {0, 0}, new int[] {64, 64}));
        BatchPlan plan = BatchPlan.of(data, BUCKETS, 2, 1, skipped);
        assertThat(plan.examples()).isEqualTo(2);
        assertThat(skipped.list())
                .singleElement()
                .satisfies(s -> assertThat(s.name()).isEqualTo("picture 1"));
        assertThat(plan.at(0).examples()).containsExactlyInAnyOrder(0, 2);
    }

    @Test
    void bucketsStayWithinAreaAndRatio() {
        Buckets buckets = Buckets.of(new Size(1024, 1024), 64, 4);
        assertThat(buckets.sizes())
                .contains(new Size(1024, 1024), new Size(512, 2048), new Size(1216, 832), new Size(768, 1344))
                .allMatch(s -> s.width() * s.height() <= 1 << 20 && s.width() % 64 == 0 && s.height() % 64 == 0);
        assertThat(buckets.nearest(new Size(3000, 2000))).isEqualTo(new Size(1216, 832));
        assertThat(buckets.nearest(new Size(10, 10000))).isEqualTo(new Size(512, 2048));
        assertThat(Buckets.only(new Size(64, 64)).nearest(new Size(3, 1))).isEqualTo(new Size(64, 64));
    }
}
