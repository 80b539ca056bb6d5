package dev.latente.golden;

import dev.latente.tensor.DType;
import dev.latente.tensor.Rng;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class RngGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("rng", RngGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        for (var node : c.json().get("seeds")) {
            long seed = node.asLong();
            String prefix = "seed" + seed + "/";
            for (String name : c.names()) {
                if (name.startsWith(prefix) && !name.contains("/sequence/")) {
                    try (Rng rng = new Rng(seed)) {
                        String[] parts = name.split("/");
                        c.assertClose(name, draw(rng, parts[1], shape(parts[2])));
                    }
                }
            }
            List<String> sequence = c.names().stream()
                    .filter(n -> n.startsWith(prefix + "sequence/"))
                    .sorted(Comparator.comparingInt(
                            n -> Integer.parseInt(n.split("/")[2].split("_")[0])))
                    .toList();
            try (Rng rng = new Rng(seed)) {
                for (String name : sequence) {
                    String call = name.split("/")[2].replaceFirst("\\d+_", "");
                    c.assertClose(name, next(rng, call));
                }
            }
        }
    }

    private static Tensor draw(Rng rng, String kind, long[] shape) {
        return switch (kind) {
            case "randn" -> rng.normal(shape);
            case "rand" -> rng.uniform(shape);
            case "randn_f16_as_f32" -> rng.normal(DType.F16, shape);
            case "randn_bf16_as_f32" -> rng.normal(DType.BF16, shape);
            case "randn_f64" -> rng.normal(DType.F64, shape);
            default -> throw new AssertionError("what is " + kind + "?");
        };
    }

    /** One call of a sequence, such as {@code randn_f64_18} or {@code randint_0_1000_8}. */
    private static Tensor next(Rng rng, String call) {
        String[] words = call.split("_");
        if (words[0].equals("randint")) {
            return rng.integers(Long.parseLong(words[1]), Long.parseLong(words[2]), shape(words[3]));
        }
        if (words[0].equals("randperm")) {
            return rng.permutation(Long.parseLong(words[1]));
        }
        String kind = String.join("_", Arrays.copyOf(words, words.length - 1));
        return draw(rng, kind, shape(words[words.length - 1]));
    }

    private static long[] shape(String text) {
        return Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
    }
}
