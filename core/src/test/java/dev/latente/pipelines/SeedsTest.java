package dev.latente.pipelines;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SeedsTest {
    @Test
    void eachPictureHasItsOwnGeneratorAndTheFirstMayDrawAlone() {
        Scopes.run(() -> {
            try (Rng three = new Rng(3);
                    Rng four = new Rng(4);
                    Seeds.Noise noise = new Seeds(List.of(3L, 4L)).open(Device.CPU)) {
                assertDrawn(three.normal(1, 4, 2, 2), noise.first().normal(1, 4, 2, 2));
                Tensor each = Ops.cat(0, three.normal(1, 4, 2, 2), four.normal(1, 4, 2, 2));
                assertDrawn(each, noise.normal(2, 4, 2, 2));
            }
        });
    }

    private static void assertDrawn(Tensor expected, Tensor got) {
        assertArrayEquals(Ops.floats(expected), Ops.floats(got));
    }
}
