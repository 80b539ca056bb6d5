package dev.latente.golden;

import java.util.stream.Stream;
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
        System.out.println(c.json());
    }
}
