package dev.latente.weights.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/** Comparison of checkpoints, bit by bit. */
public final class CheckpointAssert {
    private CheckpointAssert() {}

    public static void assertSame(String what, CheckpointFiles expected, CheckpointFiles got) {
        assertEquals(expected.family(), got.family(), what);
        assertEquals(expected.components(), got.components(), what);
        expected.components().forEach(component -> assertSame(what, component, expected, got));
    }

    public static void assertSame(String what, String component, CheckpointFiles expected, CheckpointFiles got) {
        Set<String> names = new TreeSet<>(expected.weights(component).keys());
        assertEquals(names, new TreeSet<>(got.weights(component).keys()), what);
        names.forEach(name -> Scopes.run(() -> {
            Tensor e = expected.tensor(component, name);
            Tensor g = got.tensor(component, name);
            assertArrayEquals(Ops.shape(e), Ops.shape(g), what + ": " + name);
            assertArrayEquals(Ops.bytes(e), Ops.bytes(g), what + ": " + name);
        }));
    }
}
