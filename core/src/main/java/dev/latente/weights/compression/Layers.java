package dev.latente.weights.compression;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The weights that are multiplied with: matrices of linear layers and kernels of convolutions, under the names of diffusers and
 * transformers. Biases, norms and tables (of tokens, positions, classes, relative distances) are none.
 */
public final class Layers {
    private static final String WEIGHT = ".weight";

    /** Tables of vectors; {@code patch_embedding} is a convolution and has four dimensions. */
    private static final Pattern TABLE =
            Pattern.compile("(.*\\.)?(\\w*embedding|shared|embed_tokens|relative_attention_bias)");

    private Layers() {}

    /** Whether the weight of that name and shape belongs to a linear layer or a convolution. */
    public static boolean has(String name, List<Long> shape) {
        if (!name.endsWith(WEIGHT)) {
            return false;
        }
        return shape.size() == 4
                || (shape.size() == 2 && !TABLE.matcher(module(name)).matches());
    }

    /** Those of the weights of a model that belong to layers, in their order. */
    public static List<String> of(Map<String, List<Long>> weights) {
        return weights.entrySet().stream()
                .filter(e -> has(e.getKey(), e.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The layer that the weight belongs to. */
    public static String module(String weight) {
        return weight.endsWith(WEIGHT) ? weight.substring(0, weight.length() - WEIGHT.length()) : weight;
    }
}
