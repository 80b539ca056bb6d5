package dev.latente.models.vae;

import dev.latente.nn.Activation;
import dev.latente.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Shape of an autoencoder, and the affine map between its latents and those that diffusion models work on.
 *
 * @param channels of each level, finest first; each level but the last halves the picture
 * @param layers residual blocks of an encoder level; a decoder level has one more
 * @param attentionDown whether each encoder level has attention, finest first
 * @param attentionUp whether each decoder level has attention, coarsest first
 * @param attentionMiddle whether the coarsest level has attention between its middle blocks
 * @param quantConv whether a 1x1 convolution follows the encoder
 * @param postQuantConv whether a 1x1 convolution precedes the decoder
 * @param sampleSize side of a tile in pixels
 * @param latentsMean subtracted from the latents, one for each channel, or empty for none
 * @param latentsStd that they are divided by, or empty for none
 * @param forceUpcast whether fp16 overflows in it
 */
public record VaeConfig(
        long inChannels,
        long outChannels,
        long latentChannels,
        List<Long> channels,
        int layers,
        long groups,
        Activation activation,
        List<Boolean> attentionDown,
        List<Boolean> attentionUp,
        boolean attentionMiddle,
        boolean quantConv,
        boolean postQuantConv,
        int sampleSize,
        double scalingFactor,
        double shiftFactor,
        List<Double> latentsMean,
        List<Double> latentsStd,
        boolean forceUpcast)
        implements AutoencoderConfig {

    public VaeConfig {
        channels = List.copyOf(channels);
        attentionDown = List.copyOf(attentionDown);
        attentionUp = List.copyOf(attentionUp);
        latentsMean = List.copyOf(latentsMean);
        latentsStd = List.copyOf(latentsStd);
        if (attentionDown.size() != channels.size() || attentionUp.size() != channels.size()) {
            throw new IllegalArgumentException("VAE config: %d block_out_channels, %d down and %d up block types"
                    .formatted(channels.size(), attentionDown.size(), attentionUp.size()));
        }
        for (long c : channels) {
            if (groups < 1 || c % groups != 0) {
                throw new IllegalArgumentException(
                        "VAE config: block_out_channels [%d] is no multiple of norm_num_groups [%d]"
                                .formatted(c, groups));
            }
        }
        for (List<Double> each : List.of(latentsMean, latentsStd)) {
            if (!each.isEmpty() && each.size() != latentChannels) {
                throw new IllegalArgumentException("VAE config: %d values in latents_mean or latents_std, wanted [%d]"
                        .formatted(each.size(), latentChannels));
            }
        }
    }

    /** Reads the {@code config.json} of an {@code AutoencoderKL}. */
    public static VaeConfig of(JsonNode json) {
        List<Long> channels = new ArrayList<>();
        json.path("block_out_channels").forEach(c -> channels.add(c.asLong()));
        JsonNode sampleSize = json.path("sample_size");
        return new VaeConfig(
                json.path("in_channels").asLong(3),
                json.path("out_channels").asLong(3),
                json.path("latent_channels").asLong(4),
                channels.isEmpty() ? List.of(64L) : channels,
                json.path("layers_per_block").asInt(1),
                json.path("norm_num_groups").asLong(32),
                Activation.of(json.path("act_fn").asString("silu")),
                attention(json.path("down_block_types"), "DownEncoderBlock2D"),
                attention(json.path("up_block_types"), "UpDecoderBlock2D"),
                json.path("mid_block_add_attention").asBoolean(true),
                json.path("use_quant_conv").asBoolean(true),
                json.path("use_post_quant_conv").asBoolean(true),
                (sampleSize.isArray() ? sampleSize.path(0) : sampleSize).asInt(32),
                json.path("scaling_factor").asDouble(0.18215),
                json.path("shift_factor").asDouble(0),
                doubles(json.path("latents_mean")),
                doubles(json.path("latents_std")),
                json.path("force_upcast").asBoolean(true));
    }

    @Override
    public int factor() {
        return 1 << (channels.size() - 1);
    }

    @Override
    public DType dtype(DType wanted) {
        return forceUpcast && wanted == DType.F16 ? DType.F32 : wanted;
    }

    private static List<Boolean> attention(JsonNode types, String plain) {
        if (types.isEmpty()) {
            return List.of(false);
        }
        List<Boolean> attention = new ArrayList<>();
        for (JsonNode type : types) {
            String name = type.asString();
            if (!name.equals(plain) && !name.equals("Attn" + plain)) {
                throw new IllegalArgumentException(
                        "VAE config: block type [%s] is not known: use %s or Attn%s".formatted(name, plain, plain));
            }
            attention.add(name.startsWith("Attn"));
        }
        return attention;
    }

    private static List<Double> doubles(JsonNode list) {
        List<Double> values = new ArrayList<>();
        list.forEach(v -> values.add(v.asDouble()));
        return values;
    }
}
