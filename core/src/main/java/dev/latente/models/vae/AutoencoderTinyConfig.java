package dev.latente.models.vae;

import dev.latente.nn.Activation;
import dev.latente.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Shape of a tiny autoencoder, from the {@code config.json} of diffusers' {@code AutoencoderTiny}.
 *
 * @param channels of all layers between picture and latents
 * @param encoderBlocks residual blocks of each level of the encoder, finest first; empty where there is no encoder
 * @param decoderBlocks residual blocks of each level of the decoder, coarsest first
 * @param scalingFactor between its latents and those that diffusion models work on; 1 for the published ones
 */
public record AutoencoderTinyConfig(
        long inChannels,
        long outChannels,
        long latentChannels,
        long channels,
        List<Integer> encoderBlocks,
        List<Integer> decoderBlocks,
        Activation activation,
        double scalingFactor)
        implements AutoencoderConfig {
    /** What {@code config.json} says of itself. */
    public static final String CLASS = "AutoencoderTiny";

    public AutoencoderTinyConfig {
        encoderBlocks = List.copyOf(encoderBlocks);
        decoderBlocks = List.copyOf(decoderBlocks);
        boolean pair = encoderBlocks.isEmpty() || encoderBlocks.size() == decoderBlocks.size();
        if (decoderBlocks.isEmpty() || !pair) {
            throw new IllegalArgumentException(
                    "tiny autoencoder: got blocks %s and %s, wanted as many levels in the encoder as in the decoder"
                            .formatted(encoderBlocks, decoderBlocks));
        }
    }

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if it describes an architecture that this one is not
     */
    public static AutoencoderTinyConfig of(JsonNode json) {
        List<Integer> channels = new ArrayList<>(list(json.path("encoder_block_out_channels"), 64, 64, 64, 64));
        channels.addAll(list(json.path("decoder_block_out_channels"), 64, 64, 64, 64));
        require(channels.stream().distinct().count() == 1, "block_out_channels", channels, "one number for all levels");
        int factor = json.path("upsampling_scaling_factor").asInt(2);
        require(factor == 2, "upsampling_scaling_factor", factor, "2");
        String resize = json.path("upsample_fn").asString("nearest");
        require(resize.equals("nearest"), "upsample_fn", resize, "nearest");
        double shift = json.path("shift_factor").asDouble(0);
        require(shift == 0, "shift_factor", shift, "0");
        return new AutoencoderTinyConfig(
                json.path("in_channels").asLong(3),
                json.path("out_channels").asLong(3),
                json.path("latent_channels").asLong(4),
                channels.get(0),
                list(json.path("num_encoder_blocks"), 1, 3, 3, 3),
                list(json.path("num_decoder_blocks"), 3, 3, 3, 1),
                Activation.of(json.path("act_fn").asString("relu")),
                json.path("scaling_factor").asDouble(1));
    }

    private static List<Integer> list(JsonNode values, Integer... usual) {
        return values.isArray() ? values.valueStream().map(JsonNode::asInt).toList() : List.of(usual);
    }

    private static void require(boolean right, String option, Object got, String wanted) {
        if (!right) {
            throw new IllegalArgumentException(
                    "tiny autoencoder: [%s] is [%s], wanted %s".formatted(option, got, wanted));
        }
    }

    @Override
    public int factor() {
        return 1 << (decoderBlocks.size() - 1);
    }

    @Override
    public DType dtype(DType wanted) {
        return wanted;
    }
}
