package dev.latente.models.clip;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * How much people like a picture, from its CLIP embedding: LAION's aesthetic predictor v2 (Schuhmann et al. 2022, section 3.1),
 * linear maps without anything between them. Keys {@code layers.0, 2, 4, 6, 7}; the numbers between were dropout.
 */
public final class AestheticPredictor {
    /** Sizes of the published one, for ViT-L/14. */
    public static final List<Long> LAION_V2 = List.of(768L, 1024L, 128L, 64L, 16L);

    private static final int[] KEYS = {0, 2, 4, 6, 7};

    private final List<Linear> layers = new ArrayList<>();

    /** Maps of {@code sizes[0]} to {@code sizes[1]}, and so on, of the last to 1. */
    public AestheticPredictor(Params p, List<Long> sizes) {
        if (sizes.size() != KEYS.length) {
            throw new IllegalArgumentException(
                    "aesthetic predictor: got sizes %s, wanted %d of them".formatted(sizes, KEYS.length));
        }
        for (int i = 0; i < KEYS.length; i++) {
            long out = i + 1 < KEYS.length ? sizes.get(i + 1) : 1;
            layers.add(new Linear(p.at("layers").at(KEYS[i]), sizes.get(i), out));
        }
    }

    /** imageEmbeds [B,d] of any length -> scores of about 1 to 10 [B]. */
    public Tensor forward(Tensor imageEmbeds) {
        Tensor x = Functional.unit(imageEmbeds);
        for (Linear layer : layers) {
            x = layer.forward(x);
        }
        return x.squeeze(-1);
    }
}
