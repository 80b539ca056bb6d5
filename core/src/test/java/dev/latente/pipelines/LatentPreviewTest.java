package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LatentPreviewTest {
    /** Red follows the first channel, green is always bright, blue goes against the second channel. */
    @Test
    void coloursAreFittedToPictures() {
        Scopes.run(() -> {
            try (Rng rng = new Rng(1)) {
                Tensor latents = rng.normal(2, 4, 4, 4);
                Tensor red = Ops.mul(latents.narrow(1, 0, 1), 0.2);
                Tensor green = Ops.add(Ops.mul(red, 0), 0.5);
                Tensor blue = Ops.mul(latents.narrow(1, 1, 1), -0.1);
                Tensor pixels = Ops.cat(1, red, green, blue);
                LatentPreview fitted = LatentPreview.fit(latents, pixels);
                assertThat(fitted.json().toString())
                        .isEqualTo(Json.parse("[0.2,0.0,0.0,0.0,0.0,-0.1,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.5,0.0]")
                                .toString());
                Picture shown = LatentPreview.of(fitted.json(), 4, false).picture(Ops.mul(latents, 0));
                assertThat(shown.width()).isEqualTo(4);
                assertThat(shown.at(2, 3, 0)).isEqualTo(128);
                assertThat(shown.at(2, 3, 1)).isEqualTo(191);
            }
        });
    }

    @Test
    void aMapThatIsNoneIsRefused() {
        assertThatThrownBy(() -> LatentPreview.of(Json.parse("[1, 2]"), 4, false))
                .hasMessage("latente.json: preview: got [2] numbers, wanted three for each channel and three more");
    }
}
