package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A cheap picture of latents: a linear map from their channels to colour, at the size of the latents. */
public final class LatentPreview {
    /** Least squares fit of colours in [-1,1] to SD1's latents; the last row is the colour of zeros. */
    private static final double[] SD = {
        0.3512, 0.2297, 0.3227, 0.3250, 0.4974, 0.2350, -0.2829, 0.1762, 0.2721, -0.2120, -0.2616, -0.7177, 0, 0, 0
    };

    private static final double[] SDXL = {
        0.3651, 0.4232, 0.4341, -0.2533, -0.0042, 0.1068, 0.1076, 0.1111, -0.0362, -0.3165, -0.2492, -0.2188, 0, 0, 0
    };

    private static final int COLOURS = 3;

    private final double[] colours;

    private LatentPreview(double[] colours) {
        this.colours = colours;
    }

    /**
     * For Stable Diffusion 1, 2 or XL, unless the checkpoint has colours of its own. Of other latents the first three channels
     * are shown as red, green and blue: shapes, in wrong colours.
     */
    static LatentPreview of(JsonNode own, long channels, boolean xl) {
        if (own.isMissingNode()) {
            return new LatentPreview(channels != 4 ? shapes((int) channels) : xl ? SDXL : SD);
        }
        double[] colours = own.valueStream().mapToDouble(JsonNode::asDouble).toArray();
        if (colours.length % COLOURS != 0) {
            throw new IllegalArgumentException(
                    "latente.json: preview: got [%d] numbers, wanted three for each channel and three more"
                            .formatted(colours.length));
        }
        return new LatentPreview(colours);
    }

    private static double[] shapes(int channels) {
        double[] map = new double[(channels + 1) * COLOURS];
        for (int i = 0; i < Math.min(channels, COLOURS); i++) {
            map[i * COLOURS + i] = 0.5;
        }
        return map;
    }

    /**
     * The map that suits an autoencoder, fitted to pictures and their latents.
     *
     * @param latents scaled as the U-Net sees them [B,C,h,w]
     * @param pixels of these pictures in [-1,1], [B,3,H,W]
     */
    public static LatentPreview fit(Tensor latents, Tensor pixels) {
        return Scopes.within(() -> {
            Tensor x = rows(Ops.to(latents, DType.F32, Device.CPU));
            Tensor small =
                    Functional.resize(Ops.to(pixels, DType.F32, Device.CPU), "area", latents.size(2), latents.size(3));
            return new LatentPreview(
                    Ops.doubles(Functional.leastSquares(x, rows(small).narrow(1, 0, COLOURS))));
        });
    }

    /** For {@code preview} of {@code latente.json}: red, green and blue of each channel, then of zeros. */
    public ArrayNode json() {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (double c : colours) {
            json.add(Math.round(c * 1e4) / 1e4);
        }
        return json;
    }

    /**
     * The first picture of a batch.
     *
     * @param latents [B,C,h,w], with any amount of noise
     */
    public Picture picture(Tensor latents) {
        return Scopes.within(() -> {
            Tensor x = Ops.to(Ops.slice(latents, 0, 0, 1), DType.F32, Device.CPU);
            // Early latents are mostly noise of a large variance: bring them to that of clean ones.
            double deviation = Math.sqrt(Ops.doubles(x.mul(x).mean())[0]);
            Tensor map = Ops.to(Ops.of(colours, colours.length / COLOURS, COLOURS), DType.F32);
            Tensor colour = rows(Ops.div(x, Math.max(1, deviation)))
                    .matmul(map)
                    .view(1, x.size(2), x.size(3), COLOURS)
                    .permute(0, 3, 1, 2);
            return Picture.fromTensor(VaeImages.denormalize(colour))[0];
        });
    }

    /** One row for each place: its channels, and a one. x [B,C,h,w] -> [B·h·w,C+1]. */
    private static Tensor rows(Tensor x) {
        Tensor channels = x.permute(0, 2, 3, 1).reshape(-1, x.size(1));
        return Ops.cat(1, channels, Ops.full(1, DType.F32, Device.CPU, channels.size(0), 1));
    }
}
