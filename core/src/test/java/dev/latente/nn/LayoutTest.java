package dev.latente.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSources;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Convolutional layers must not fall back to channels first, which is a third slower. */
class LayoutTest {
    @Test
    void layersKeepTheChannelsLast() {
        Scopes.run(() -> {
            try (Arena arena = new Arena();
                    Rng rng = new Rng(0)) {
                Params p = Params.of(WeightSources.random(0), arena);
                Tensor x = Ops.channelsLast(rng.normal(2, 8, 6, 10));
                Tensor temb = rng.normal(2, 12);
                check(new ResnetBlock(p.at("same"), 8, 8, 12, 4, 1e-5).forward(x, temb), 2, 8, 6, 10);
                check(new ResnetBlock(p.at("wider"), 8, 16, 0, 4, 1e-5).forward(x, null), 2, 16, 6, 10);
                check(new Downsample(p.at("down"), 8, 1).forward(x), 2, 8, 3, 5);
                check(new Downsample(p.at("padded"), 8, 0).forward(x), 2, 8, 3, 5);
                check(new Upsample(p.at("up"), 8).forward(x), 2, 8, 12, 20);
                check(new Upsample(p.at("exact"), 8).forward(x, 7, 19), 2, 8, 7, 19);
            }
        });
    }

    private static void check(Tensor x, long... shape) {
        assertEquals(Arrays.toString(shape), Arrays.toString(Ops.shape(x)));
        assertEquals(1, x.stride(1));
    }
}
