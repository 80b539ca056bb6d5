package dev.latente.models.upscale;

import dev.latente.nn.Params;
import dev.latente.weights.WeightsException;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** Enlarges pictures by convolutions alone, so that it works on pictures, and parts of pictures, of any size. Thread-safe. */
public sealed interface Upscaler permits RrdbNet, SrVggNetCompact {
    /**
     * The network that a configuration describes, as {@link dev.latente.weights.layout.ModelFiles} detects it.
     *
     * @throws WeightsException if it is no network for pictures
     */
    static Upscaler of(Params p, JsonNode config) {
        String type = config.path("_class_name").asString("");
        Upscaler network = switch (type) {
            case "RRDBNet" -> new RrdbNet(p, RrdbConfig.of(config));
            case "SRVGGNetCompact" -> new SrVggNetCompact(p, SrVggConfig.of(config));
            default ->
                throw new WeightsException(
                        "upscaler config: [_class_name] is [%s], wanted RRDBNet or SRVGGNetCompact".formatted(type));
        };
        if (network.channels() != 1 && network.channels() != 3) {
            throw new WeightsException(
                    "upscaler: enlarges pictures of [%d] channels, wanted 1 or 3".formatted(network.channels()));
        }
        return network;
    }

    /** Channels of the pictures, on the way in and out. */
    int channels();

    /** By how much the sides grow. */
    int scale();

    /** Pixels that it sees as one; parts of a picture should begin at multiples of it. */
    int unit();

    /** The farthest pixel, to one side, that a new pixel can depend on. */
    int reach();

    /** x [B,C,H,W] in [0,1] -> about [0,1] [B,C,H·scale,W·scale], in the dtype of the weights. */
    Tensor forward(Tensor x);
}
