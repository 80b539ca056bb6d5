package dev.latente.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    @Test
    void combineGoesPastTheCondition() {
        Scopes.run(() -> {
            Tensor guided = Guidance.combine(Ops.of(new float[] {1, 2}, 2), Ops.of(new float[] {2, 4}, 2), 3);
            assertArrayEquals(new float[] {4, 8}, Ops.floats(guided));
        });
    }

    @Test
    void rescaleRestoresTheDeviationOfEachPicture() {
        Scopes.run(() -> {
            Tensor guided = Ops.of(new float[] {-4, 4, -6, 6}, 2, 1, 1, 2);
            Tensor conditional = Ops.of(new float[] {-1, 1, -3, 3}, 2, 1, 1, 2);
            assertArrayEquals(new float[] {-1, 1, -3, 3}, Ops.floats(Guidance.rescale(guided, conditional, 1)), 1e-6f);
            assertArrayEquals(
                    new float[] {-2.5f, 2.5f, -4.5f, 4.5f},
                    Ops.floats(Guidance.rescale(guided, conditional, 0.5)),
                    1e-6f);
        });
    }

    @Test
    void outsideItsIntervalGuidanceIsOff() {
        assertEquals(1, Guidance.scaleWithin(7, 0.2, 0.8, 1, 10));
        assertEquals(7, Guidance.scaleWithin(7, 0.2, 0.8, 2, 10));
        assertEquals(1, Guidance.scaleWithin(7, 0.2, 0.8, 8, 10));
    }
}
