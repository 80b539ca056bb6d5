package dev.latente.models.unet;

import dev.latente.nn.GroupNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.TransformerBlock;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Spatial transformer: the positions of a picture as a sequence (Rombach et al. 2022, appendix E.2.1). */
final class Transformer2D {
    private final GroupNorm norm;
    private final Linear projIn;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final Linear projOut;

    Transformer2D(Params p, UNetConfig c, UNetConfig.Stage stage, int depth) {
        long channels = stage.channels();
        norm = new GroupNorm(p.at("norm"), c.groups(), channels, 1e-6);
        projIn = projection(p.at("proj_in"), c, channels);
        for (int i = 0; i < depth; i++) {
            blocks.add(new TransformerBlock(
                    p.at("transformer_blocks").at(i), channels, stage.contextSize(), stage.heads(), stage.onlyCross()));
        }
        projOut = projection(p.at("proj_out"), c, channels);
    }

    /** A 1x1 convolution is a linear map of every position; some checkpoints store it as the one, some as the other. */
    private static Linear projection(Params p, UNetConfig c, long channels) {
        return c.linearProjection() ? new Linear(p, channels, channels) : Linear.pointwise(p, channels, channels);
    }

    /** x [B,C,H,W] -> the same shape. */
    Tensor forward(Tensor x, Text text) {
        long b = x.size(0);
        long h = x.size(2);
        long w = x.size(3);
        Tensor tokens = norm.forward(x).permute(0, 2, 3, 1).reshape(b, h * w, -1); // [B,HW,C], a view if channels-last
        tokens = projIn.forward(tokens);
        for (TransformerBlock block : blocks) {
            tokens = block.forward(tokens, text.embeddings(), text.bias());
        }
        return projOut.forward(tokens).reshape(b, h, w, -1).permute(0, 3, 1, 2).add(x);
    }

    /**
     * What the attention looks at.
     *
     * @param embeddings [B,m,d]
     * @param bias added to the scores [B,1,1,m], or null
     */
    record Text(Tensor embeddings, @Nullable Tensor bias) {}
}
