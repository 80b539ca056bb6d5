package dev.latente.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenMergingTest {
    private static final int CHANNELS = 5;

    @Test
    void withoutARatioNothingHappens() {
        Scopes.run(() -> {
            try (Rng rng = new Rng(0)) {
                Tensor x = rng.normal(2, 16, CHANNELS);
                List<Tensor> seen = new ArrayList<>();
                Tensor tokens = rng.normal(2, 16, CHANNELS);
                Tensor sum = x.add(tokens);
                Tensor out = new TokenMerging(0, 1, 4, 4).plus(x, tokens, (t, y) -> {
                    seen.addAll(List.of(t, y));
                    return sum;
                });
                assertThat(seen).containsExactly(tokens, x);
                assertThat(out).isSameAs(sum);
            }
        });
    }

    @Test
    void aSequenceOfAnotherLengthIsLeftAlone() {
        Scopes.run(() -> {
            try (Rng rng = new Rng(0)) {
                Tensor x = rng.normal(1, 4, CHANNELS);
                assertThat(new TokenMerging(0.5, 1, 4, 4).plus(x, x, (t, y) -> t))
                        .isSameAs(x);
            }
        });
    }

    @Test
    void equalTokensComeThroughExactly() {
        Scopes.run(() -> {
            // Four tokens of each of four kinds, each kind a quarter of the picture: all the others merge with their
            // like.
            float[] values = new float[16 * 4];
            for (int i = 0; i < 16; i++) {
                values[4 * i + i / 8 * 2 + i % 4 / 2] = 3;
            }
            Tensor x = Ops.of(values, 1, 16, 4);
            Tensor out = new TokenMerging(0.75, 7, 4, 4).plus(x, x, (t, y) -> {
                assertThat(t.size(1)).isEqualTo(4);
                return y.add(t);
            });
            assertThat(Ops.floats(out)).isEqualTo(Ops.floats(x.add(x)));
        });
    }

    @ParameterizedTest
    @CsvSource({"4, 4, 0.5", "6, 8, 0.25", "6, 8, 0.75", "5, 7, 0.6", "5, 7, 0.75", "2, 3, 0.4", "16, 16, 0.5"})
    void matchesAStraightforwardReference(int height, int width, double ratio) {
        Scopes.run(() -> {
            try (Rng rng = new Rng(3)) {
                int n = height * width;
                Tensor x = rng.normal(2, n, CHANNELS);
                Tensor tokens = rng.normal(2, n, CHANNELS);
                TokenMerging merging = new TokenMerging(ratio, 11, height, width);
                Tensor out = merging.plus(x, tokens, (t, y) -> y.add(Ops.add(Ops.mul(t, 2), 1)));
                for (int b = 0; b < 2; b++) {
                    double[] expected = reference(rows(x, b), rows(tokens, b), height, width, ratio);
                    double[] got = Ops.doubles(out.select(0, b));
                    for (int i = 0; i < expected.length; i++) {
                        assertThat(got[i])
                                .as("value %d", i)
                                .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-5));
                    }
                }
            }
        });
    }

    private static double[][] rows(Tensor x, int batch) {
        double[] all = Ops.doubles(x.select(0, batch));
        double[][] rows = new double[all.length / CHANNELS][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * CHANNELS, (i + 1) * CHANNELS));
        return rows;
    }

    /** Merges, doubles and adds one, copies back and adds to x: one token after the other. */
    private static double[] reference(double[][] x, double[][] tokens, int height, int width, double ratio) {
        SplittableRandom random = new SplittableRandom(11);
        List<Integer> staying = new ArrayList<>();
        for (int y = 0; y + 1 < height; y += 2) {
            for (int column = 0; column + 1 < width; column += 2) {
                int corner = random.nextInt(4);
                staying.add((y + corner / 2) * width + column + corner % 2);
            }
        }
        int n = height * width;
        int[] target = new int[n];
        double[] similarity = new double[n];
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            target[i] = i;
            similarity[i] = -2;
            if (!staying.contains(i)) {
                others.add(i);
                for (int j : staying) {
                    if (cosine(x[i], x[j]) > similarity[i]) {
                        similarity[i] = cosine(x[i], x[j]);
                        target[i] = j;
                    }
                }
            }
        }
        others.sort(Comparator.comparingDouble(i -> -similarity[i]));
        for (int left : others.subList(Math.min(others.size(), (int) (n * ratio)), others.size())) {
            target[left] = left;
        }
        double[] out = new double[n * CHANNELS];
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                double sum = 0;
                int count = 0;
                for (int j = 0; j < n; j++) {
                    if (target[j] == target[i]) {
                        sum += tokens[j][c];
                        count++;
                    }
                }
                out[i * CHANNELS + c] = x[i][c] + 2 * sum / count + 1;
            }
        }
        return out;
    }

    private static double cosine(double[] a, double[] b) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
            lengthA += a[i] * a[i];
            lengthB += b[i] * b[i];
        }
        return product / Math.sqrt(lengthA * lengthB);
    }

    @Test
    void oneOfFourStays() {
        assertThatThrownBy(() -> new TokenMerging(0.76, 0, 4, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token merging: got [0.76], wanted a ratio of 0 to 0.75");
        assertThatThrownBy(() -> new TokenMerging(Double.NaN, 0, 4, 4))
                .hasMessage("token merging: got [NaN], wanted a ratio of 0 to 0.75");
    }
}
