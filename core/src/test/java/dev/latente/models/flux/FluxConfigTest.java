package dev.latente.models.flux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.nn.RotaryEmbedding;
import dev.latente.nn.Shapes;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FluxConfigTest {
    private static FluxConfig config(String json) {
        return FluxConfig.of(Json.parse(json));
    }

    /** Counted in the reference. */
    @Test
    void whatIsNotSaidIsThePublishedModel() {
        assertThat(parameters("{\"guidance_embeds\": true}")).isEqualTo(11_901_408_320L);
        assertThat(parameters("{\"out_channels\": null}")).isEqualTo(11_891_178_560L);
    }

    private static long parameters(String json) {
        Map<String, long[]> shapes = Scopes.within(() -> Shapes.of(p -> new Flux(p, config(json))));
        return shapes.values().stream()
                .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .sum();
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> config("{\"attention_head_dim\": 64}"))
                .hasMessage(
                        "Flux config: axes_dims_rope [16, 56, 56] must be even and make attention_head_dim [64] together");
        assertThatThrownBy(() -> config("{\"attention_head_dim\": 8, \"axes_dims_rope\": [2, 3, 3]}"))
                .hasMessageContaining("[2, 3, 3] must be even");
        assertThatThrownBy(() -> config("{\"num_layers\": -1}")).hasMessageContaining("num_layers [-1]");
        Scopes.run(() -> {
            Tensor positions = Ops.zeros(DType.F32, Device.CPU, 5, 2);
            assertThatThrownBy(() -> new RotaryEmbedding(positions, List.of(4L, 2L, 2L)))
                    .hasMessage("positions: got [2] axes, wanted [3]: one for each of axes_dims_rope [4, 2, 2]");
        });
    }

    @Test
    void packedLatentsComeBack() {
        Scopes.run(() -> {
            Tensor latents = Ops.to(Ops.range(2 * 3 * 4 * 6), DType.F32).view(2, 3, 4, 6);
            Tensor tokens = PackedLatents.pack(latents);
            assertThat(Ops.shape(tokens)).containsExactly(2, 6, 12);
            // The second square of the first channel, row by row.
            assertThat(Ops.floats(Ops.slice(tokens.select(0, 0).select(0, 1), 0, 0, 4)))
                    .containsExactly(2, 3, 8, 9);
            assertThat(PackedLatents.unpack(tokens, 4, 6).equal(latents)).isTrue();
            assertThat(Ops.floats(PackedLatents.positions(4, 6, 1)))
                    .containsExactly(0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0, 1, 1, 0, 1, 2, 0, 0, 0);
        });
    }
}
