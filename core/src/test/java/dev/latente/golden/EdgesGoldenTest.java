package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.tensor.Ops;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Every pixel as OpenCV has it. */
@Tag("golden")
class EdgesGoldenTest {
    private static final Pattern EDGES =
            Pattern.compile("(?<picture>.*)\\.edges(?<kind>_l2|_of_gray)?_(?<low>\\d+)_(?<high>\\d+)");

    static boolean takes(GoldenCase c) {
        return c.names().stream().anyMatch(n -> EDGES.matcher(n).matches());
    }

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("conditioning", EdgesGoldenTest::takes, EdgesGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        for (String name : c.names()) {
            Matcher m = EDGES.matcher(name);
            if (m.matches()) {
                boolean gray = "_of_gray".equals(m.group("kind"));
                Picture picture = picture(c.tensor(m.group("picture") + (gray ? ".gray" : ".image")));
                Picture got = Edges.canny(
                        picture,
                        Integer.parseInt(m.group("low")),
                        Integer.parseInt(m.group("high")),
                        "_l2".equals(m.group("kind")));
                assertThat(got).as(name).isEqualTo(picture(c.tensor(name)));
            }
        }
    }

    /** x [H,W] or [H,W,3] uint8. */
    private static Picture picture(Tensor x) {
        return new Picture((int) x.size(1), (int) x.size(0), x.dim() == 3 ? 3 : 1, Ops.bytes(x));
    }
}
