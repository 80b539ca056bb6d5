package dev.latente.pipelines;

import dev.latente.golden.Golden;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Whole runs of tiny checkpoints that nothing steers but words and a picture to start from. */
@Tag("golden")
class PipelinesGoldenTest {
    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests(
                "pipelines", c -> true, c -> c.json().path("variants").propertyNames(), (c, name) -> {
                    GoldenRun run =
                            new GoldenRun(c, name, c.path(c.json().path("model").asString()), LoadOptions.DEFAULT);
                    run.check(run.asked().request());
                });
    }
}
