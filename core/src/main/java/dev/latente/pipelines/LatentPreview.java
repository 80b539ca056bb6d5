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
    /** Whose latents they are. */
    enum Space {
        SD,
        SDXL,
        SD3,
        FLUX
    }

    /** What became the usual fits of channels to colours in [-1,1]: red, green and blue of each; the last row is that of zeros. */
    private static final double[] SD = {
        0.3512, 0.2297, 0.3227, 0.3250, 0.4974, 0.2350, -0.2829, 0.1762, 0.2721, -0.2120, -0.2616, -0.7177, 0, 0, 0
    };

    private static final double[] SDXL = {
        0.3651, 0.4232, 0.4341, -0.2533, -0.0042, 0.1068, 0.1076, 0.1111, -0.0362, -0.3165, -0.2492, -0.2188, 0, 0, 0
    };

    private static final double[] SD3 = {
        -0.0922, -0.0175, 0.0749, 0.0311, 0.0633, 0.0954, 0.1994, 0.0927, 0.0458, 0.0856, 0.0339, 0.0902, 0.0587,
        0.0272, -0.0496, -0.0006, 0.1104, 0.0309, 0.0978, 0.0306, 0.0427, -0.0042, 0.1038, 0.1358, -0.0194, 0.0020,
        0.0669, -0.0488, 0.0130, -0.0268, 0.0922, 0.0988, 0.0951, -0.0278, 0.0524, -0.0542, 0.0332, 0.0456, 0.0895,
        -0.0069, -0.0030, -0.0810, -0.0596, -0.0465, -0.0293, -0.1448, -0.1463, -0.1189, 0.2394, 0.2135, 0.1925
    };

    private static final double[] FLUX = {
        -0.0346, 0.0244, 0.0681, 0.0034, 0.0210, 0.0687, 0.0275, -0.0668, -0.0433, -0.0174, 0.0160, 0.0617, 0.0859,
        0.0721, 0.0329, 0.0004, 0.0383, 0.0115, 0.0405, 0.0861, 0.0915, -0.0236, -0.0185, -0.0259, -0.0245, 0.0250,
        0.1180, 0.1008, 0.0755, -0.0421, -0.0515, 0.0201, 0.0011, 0.0428, -0.0012, -0.0036, 0.0817, 0.0765, 0.0749,
        -0.1264, -0.0522, -0.1103, -0.0280, -0.0881, -0.0499, -0.1262, -0.0982, -0.0778, -0.0329, -0.0718, -0.0851
    };

    private static final int COLOURS = 3;

    private final double[] colours;

    private LatentPreview(double[] colours) {
        this.colours = colours;
    }

    /**
     * By the colours that the checkpoint has of its own, else those of its kind. Of latents with other channels the first three
     * are shown as red, green and blue: shapes, in wrong colours.
     */
    static LatentPreview of(JsonNode own, Space space, long channels) {
        if (own.isMissingNode()) {
            double[] usual = usual(space);
            return new LatentPreview(usual.length == (channels + 1) * COLOURS ? usual : shapes((int) channels));
        }
        double[] colours = own.valueStream().mapToDouble(JsonNode::asDouble).toArray();
        if (colours.length % COLOURS != 0) {
            throw new IllegalArgumentException(
                    "latente.json: preview: got [%d] numbers, wanted three for each channel and three more"
                            .formatted(colours.length));
        }
        return new LatentPreview(colours);
    }

    private static double[] usual(Space space) {
        return switch (space) {
            case SD -> SD;
            case SDXL -> SDXL;
            case SD3 -> SD3;
            case FLUX -> FLUX;
        };
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
