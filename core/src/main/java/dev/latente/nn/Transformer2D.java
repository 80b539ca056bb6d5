package dev.latente.nn;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Spatial transformer: the positions of a picture as a sequence (Rombach et al. 2022, appendix E.2.1). Keys: {@code norm},
 * {@code proj_in}, {@code transformer_blocks.N}, {@code proj_out}.
 */
public final class Transformer2D {
    private final GroupNorm norm;
    private final Linear projIn;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final Linear projOut;

    /**
     * @param linear whether the projections are stored as matrices and not as 1x1 convolutions
     * @param block makes one of {@code depth} blocks
     */
    public Transformer2D(
            Params p, long channels, long groups, boolean linear, int depth, Function<Params, TransformerBlock> block) {
        norm = new GroupNorm(p.at("norm"), groups, channels, 1e-6);
        projIn = projection(p.at("proj_in"), channels, linear);
        for (int i = 0; i < depth; i++) {
            blocks.add(block.apply(p.at("transformer_blocks").at(i)));
        }
        projOut = projection(p.at("proj_out"), channels, linear);
    }

    private static Linear projection(Params p, long channels, boolean linear) {
        return linear ? new Linear(p, channels, channels) : Linear.pointwise(p, channels, channels);
    }

    /** x [B,C,H,W], or fewer, and the rest as in {@link TransformerBlock} -> [B,C,H,W]. */
    public Tensor forward(
            Tensor x, Tensor context, @Nullable Tensor bias, ImageContext pictures, TokenMerging merging) {
        long b = x.size(0);
        long h = x.size(2);
        long w = x.size(3);
        Tensor tokens = norm.forward(x).permute(0, 2, 3, 1).reshape(b, h * w, -1); // [B,HW,C], a view if channels-last
        tokens = projIn.forward(tokens);
        for (TransformerBlock block : blocks) {
            tokens = block.forward(tokens, context, bias, pictures, merging);
        }
        // Pixel by pixel as the tokens are; a view if channels-last.
        Tensor residual = Ops.repeatTo(x.permute(0, 2, 3, 1).reshape(b, h * w, -1), tokens.size(0));
        return projOut.plus(tokens, residual).unflatten(1, h, w).permute(0, 3, 1, 2);
    }
}
