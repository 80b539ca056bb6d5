package dev.latente.models.flux;

import dev.latente.models.mmdit.Heads;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Shape of a {@link Flux}.
 *
 * @param patchSize side of what a token becomes; 1 where tokens are packed before, as in the published models
 * @param inChannels numbers in a token: those of 2x2 latents in the published models
 * @param layers blocks with two streams, one of the picture and one of the text
 * @param singleLayers blocks with both in one stream, after the others
 * @param heads of {@code headSize} each; their product is the size of a token inside
 * @param textSize of a token of the text
 * @param pooledSize of the pooled text embedding
 * @param guidanceEmbeds whether it is told the scale of guidance (Flux.1 dev)
 * @param axes how many numbers of a head tell the position on each axis
 */
public record FluxConfig(
        long patchSize,
        long inChannels,
        long outChannels,
        int layers,
        int singleLayers,
        long heads,
        long headSize,
        long textSize,
        long pooledSize,
        boolean guidanceEmbeds,
        List<Long> axes) {

    public FluxConfig {
        axes = List.copyOf(axes);
        if (patchSize < 1 || layers < 0 || singleLayers < 0 || heads < 1) {
            throw new IllegalArgumentException(
                    "Flux config: patch_size [%d] and num_attention_heads [%d] must be at least 1, num_layers [%d] and num_single_layers [%d] at least 0"
                            .formatted(patchSize, heads, layers, singleLayers));
        }
        long sum = axes.stream().mapToLong(Long::longValue).sum();
        if (sum != headSize || axes.stream().anyMatch(size -> size < 0 || size % 2 != 0)) {
            throw new IllegalArgumentException(
                    "Flux config: axes_dims_rope %s must be even and make attention_head_dim [%d] together"
                            .formatted(axes, headSize));
        }
    }

    /** Reads the {@code config.json} of a {@code FluxTransformer2DModel}. */
    public static FluxConfig of(JsonNode json) {
        long inChannels = json.path("in_channels").asLong(64);
        long outChannels = json.path("out_channels").asLong(0); // null and 0 mean the same number
        List<Long> axes = json.has("axes_dims_rope")
                ? json.path("axes_dims_rope")
                        .valueStream()
                        .map(JsonNode::asLong)
                        .toList()
                : List.of(16L, 56L, 56L);
        return new FluxConfig(
                json.path("patch_size").asLong(1),
                inChannels,
                outChannels == 0 ? inChannels : outChannels,
                json.path("num_layers").asInt(19),
                json.path("num_single_layers").asInt(38),
                json.path("num_attention_heads").asLong(24),
                json.path("attention_head_dim").asLong(128),
                json.path("joint_attention_dim").asLong(4096),
                json.path("pooled_projection_dim").asLong(768),
                json.path("guidance_embeds").asBoolean(false),
                axes);
    }

    /** Size of a token inside. */
    public long size() {
        return heads * headSize;
    }

    Heads attention() {
        return new Heads(heads, headSize, true);
    }
}
