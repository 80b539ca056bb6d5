package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.pipelines.LatentPreview.Space;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.MissingNode;

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
                Picture shown = LatentPreview.of(fitted.json(), Space.SD, 4).picture(Ops.mul(latents, 0));
                assertThat(shown.width()).isEqualTo(4);
                assertThat(shown.at(2, 3, 0)).isEqualTo(128);
                assertThat(shown.at(2, 3, 1)).isEqualTo(191);
            }
        });
    }

    /** A channel of one is its row of the map and the colour of zeros, in [-1,1]. */
    @Test
    void sixteenChannelsHaveColours() {
        assertColour(Space.SD3, 2, 0.1994 + 0.2394, 0.0927 + 0.2135, 0.0458 + 0.1925);
        assertColour(Space.SD3, 15, -0.1448 + 0.2394, -0.1463 + 0.2135, -0.1189 + 0.1925);
        assertColour(Space.FLUX, 8, -0.0245 - 0.0329, 0.0250 - 0.0718, 0.1180 - 0.0851);
        assertColour(Space.FLUX, 13, -0.1264 - 0.0329, -0.0522 - 0.0718, -0.1103 - 0.0851);
    }

    private static void assertColour(Space space, int channel, double... rgb) {
        Scopes.run(() -> {
            double[] one = new double[16];
            one[channel] = 1;
            Tensor latents = Ops.of(one, 1, 16, 1, 1).expand(1, 16, 2, 2);

            Picture shown =
                    LatentPreview.of(MissingNode.getInstance(), space, 16).picture(latents);
            for (int i = 0; i < rgb.length; i++) {
                assertThat(shown.at(1, 1, i)).isEqualTo((int) Math.round((rgb[i] + 1) / 2 * 255));
            }
        });
    }

    @Test
    void channelsOfNoKnownKindAreShapes() {
        Scopes.run(() -> {
            Tensor latents = Ops.full(1, DType.F32, Device.CPU, 1, 8, 2, 2);
            Picture shown =
                    LatentPreview.of(MissingNode.getInstance(), Space.SD3, 8).picture(latents);
            assertThat(shown.at(0, 0, 0)).isEqualTo(191);
        });
    }

    @Test
    void aMapThatIsNoneIsRefused() {
        assertThatThrownBy(() -> LatentPreview.of(Json.parse("[1, 2]"), Space.SD, 4))
                .hasMessage("latente.json: preview: got [2] numbers, wanted three for each channel and three more");
    }
}
