package dev.latente.models.mmdit;

import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Shape of an {@link MMDiT}.
 *
 * @param sampleSize side of the latents that the positions are scaled for
 * @param patchSize side of a patch in latents
 * @param heads of {@code headSize} each; their product is the size of a token
 * @param textSize of a token of the text
 * @param pooledSize of the pooled text embedding
 * @param maxPatches along a side
 * @param qkNorm whether queries and keys are normalised (Stable Diffusion 3.5)
 * @param dualAttention blocks in which the picture also attends to itself alone (Stable Diffusion 3.5 medium)
 */
public record MMDiTConfig(
        long sampleSize,
        long patchSize,
        long inChannels,
        long outChannels,
        int layers,
        long heads,
        long headSize,
        long textSize,
        long pooledSize,
        long maxPatches,
        boolean qkNorm,
        Set<Integer> dualAttention) {

    public MMDiTConfig {
        dualAttention = Set.copyOf(dualAttention);
        if (patchSize < 1 || layers < 1 || heads < 1 || maxPatches < 1) {
            throw new IllegalArgumentException(
                    "MMDiT config: patch_size [%d], num_layers [%d], num_attention_heads [%d] and pos_embed_max_size [%d] must be at least 1"
                            .formatted(patchSize, layers, heads, maxPatches));
        }
        if (heads * headSize % 4 != 0) {
            throw new IllegalArgumentException(
                    "MMDiT config: num_attention_heads [%d] times attention_head_dim [%d] must be a multiple of 4"
                            .formatted(heads, headSize));
        }
    }

    /** Reads the {@code config.json} of an {@code SD3Transformer2DModel}. */
    public static MMDiTConfig of(JsonNode json) {
        Set<Integer> dual = new HashSet<>();
        json.path("dual_attention_layers").forEach(layer -> dual.add(layer.asInt()));
        long inChannels = json.path("in_channels").asLong(16);
        MMDiTConfig config = new MMDiTConfig(
                json.path("sample_size").asLong(128),
                json.path("patch_size").asLong(2),
                inChannels,
                json.path("out_channels").isNull()
                        ? inChannels
                        : json.path("out_channels").asLong(16),
                json.path("num_layers").asInt(18),
                json.path("num_attention_heads").asLong(18),
                json.path("attention_head_dim").asLong(64),
                json.path("joint_attention_dim").asLong(4096),
                json.path("pooled_projection_dim").asLong(2048),
                json.path("pos_embed_max_size").asLong(96),
                qkNorm(json.path("qk_norm")),
                dual);
        long caption = json.path("caption_projection_dim").asLong(1152);
        if (caption != config.size()) {
            throw new IllegalArgumentException(
                    "MMDiT config: caption_projection_dim [%d] must be num_attention_heads times attention_head_dim [%d]"
                            .formatted(caption, config.size()));
        }
        return config;
    }

    private static boolean qkNorm(JsonNode name) {
        if (name.isNull() || name.isMissingNode()) {
            return false;
        }
        if (!name.asString().equals("rms_norm")) {
            throw new IllegalArgumentException(
                    "MMDiT config: qk_norm [%s] is not known: use rms_norm or null".formatted(name.asString()));
        }
        return true;
    }

    /** Size of a token. */
    public long size() {
        return heads * headSize;
    }

    Heads attention() {
        return new Heads(heads, headSize, qkNorm);
    }

    /** Whether the text goes no further than this block, because nothing reads it afterwards. */
    boolean endsText(int layer) {
        return layer == layers - 1;
    }
}
