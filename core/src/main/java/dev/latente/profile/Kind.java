package dev.latente.profile;

/** What kind of work an operation is. */
public enum Kind {
    CONVOLUTION,
    LINEAR,
    /** The scores of a sequence against itself, their softmax and the weighted values; the maps before and after are linear. */
    SELF_ATTENTION,
    /** The same against another sequence, such as a prompt. */
    CROSS_ATTENTION,
    NORM_ACTIVATION,
    /** Copies, casts, sums: whatever moves memory and computes next to nothing. */
    REST,
    /** What is left of the time when every operation is taken away: Java, views, the freeing of memory. */
    JVM;

    /** The kind of an operation by the name that it reports itself with. */
    static Kind of(String operation) {
        return switch (operation) {
            case "mm", "matmul" -> LINEAR;
            case "self_attention", "scaled_dot_product_attention" -> SELF_ATTENTION;
            case "cross_attention" -> CROSS_ATTENTION;
            case "group_norm",
                    "layer_norm",
                    "rms_norm",
                    "silu",
                    "gelu",
                    "quick_gelu",
                    "mish",
                    "relu",
                    "leaky_relu",
                    "prelu",
                    "softmax" -> NORM_ACTIVATION;
            default -> byPart(operation);
        };
    }

    /** Operators of libtorch have their kernels' names, such as {@code mkldnn::_convolution_pointwise}. */
    private static Kind byPart(String operation) {
        if (operation.contains("reorder") || operation.contains("prepack")) {
            return REST;
        }
        return operation.contains("conv") ? CONVOLUTION : operation.contains("linear") ? LINEAR : REST;
    }
}
