package dev.latente.image;

import dev.latente.image.Resize.Filter;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/**
 * Pictures on their way into a CLIP vision encoder, as transformers' {@code CLIPImageProcessor} prepares them: scaled, cut from
 * the middle, normalised. Immutable.
 *
 * @param shortestEdge what the shorter side is scaled to, in pixels; 0 leaves the size as it is
 * @param cropWidth of what is cut from the middle, in pixels; 0 takes all of it
 * @param filter what it is scaled with
 * @param mean of each channel, taken off
 * @param std of each channel, divided by
 */
public record ClipImages(
        int shortestEdge, int cropWidth, int cropHeight, Filter filter, List<Double> mean, List<Double> std) {
    private static final List<Double> OPENAI_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> OPENAI_STD = List.of(0.26862954, 0.26130258, 0.27577711);

    public ClipImages {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3) {
            throw new IllegalArgumentException(
                    "CLIP images: got mean %s and std %s, wanted 3 of each".formatted(mean, std));
        }
    }

    /** Squares of that side, with OpenAI's normalisation. */
    public static ClipImages of(int side) {
        return new ClipImages(side, side, side, Filter.BICUBIC, OPENAI_MEAN, OPENAI_STD);
    }

    /**
     * Reads a {@code preprocessor_config.json}.
     *
     * @throws IllegalArgumentException if it scales to a width and a height, or with a filter that Pillow does not have
     */
    public static ClipImages of(JsonNode json) {
        JsonNode size = json.path("size");
        JsonNode crop = json.path("crop_size");
        if (size.has("height")) {
            throw new IllegalArgumentException("CLIP images: size %s stretches: use shortest_edge".formatted(size));
        }
        boolean resizes = json.path("do_resize").asBoolean(true);
        boolean crops = json.path("do_center_crop").asBoolean(true);
        boolean normalizes = json.path("do_normalize").asBoolean(true);
        return new ClipImages(
                resizes ? number(size, "shortest_edge") : 0,
                crops ? number(crop, "width") : 0,
                crops ? number(crop, "height") : 0,
                filter(json.path("resample").asInt(3)),
                normalizes ? numbers(json.path("image_mean"), OPENAI_MEAN) : List.of(0.0, 0.0, 0.0),
                normalizes ? numbers(json.path("image_std"), OPENAI_STD) : List.of(1.0, 1.0, 1.0));
    }

    /** A picture of any size -> fp32 [1,3,cropHeight,cropWidth]. */
    public Tensor image(Picture picture) {
        Tensor x = crop(scale(picture.rgb())).toTensor();
        return x.sub(channels(mean)).div(channels(std));
    }

    private Picture scale(Picture p) {
        if (shortestEdge == 0) {
            return p;
        }
        long shorter = Math.min(p.width(), p.height());
        int width = Math.toIntExact((long) shortestEdge * p.width() / shorter);
        int height = Math.toIntExact((long) shortestEdge * p.height() / shorter);
        return Resize.to(p, width, height, filter);
    }

    private Picture crop(Picture p) {
        return cropWidth == 0
                ? p
                : p.crop(
                        Math.floorDiv(p.width() - cropWidth, 2),
                        Math.floorDiv(p.height() - cropHeight, 2),
                        cropWidth,
                        cropHeight);
    }

    private static Tensor channels(List<Double> values) {
        float[] v = new float[values.size()];
        for (int i = 0; i < v.length; i++) {
            v[i] = values.get(i).floatValue();
        }
        return Ops.of(v, 1, v.length, 1, 1);
    }

    /** Older files have a number where newer ones have an object; 224 where there is neither. */
    private static int number(JsonNode node, String name) {
        return node.isNumber() ? node.asInt() : node.path(name).asInt(224);
    }

    private static List<Double> numbers(JsonNode array, List<Double> otherwise) {
        return array.isArray() ? array.valueStream().map(JsonNode::asDouble).toList() : otherwise;
    }

    /** Pillow's numbers. */
    private static Filter filter(int resample) {
        return switch (resample) {
            case 0 -> Filter.NEAREST;
            case 1 -> Filter.LANCZOS;
            case 2 -> Filter.BILINEAR;
            case 3 -> Filter.BICUBIC;
            case 4 -> Filter.BOX;
            case 5 -> Filter.HAMMING;
            default ->
                throw new IllegalArgumentException(
                        "CLIP images: resample [%d] is not one of Pillow's filters, 0 to 5".formatted(resample));
        };
    }
}
