package dev.latente.models.mmdit;

import static dev.latente.nn.TimestepEmbedding.sinusoids;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Patches as tokens, each with its position in the middle of a square table (Esser et al. 2024, section 5.3.2). Keys:
 * {@code proj}, {@code pos_embed} [1,max·max,size].
 */
public final class PatchEmbedding {
    private final MMDiTConfig config;
    private final Conv2d proj;
    private final Tensor positions; // [1,max·max,size]

    PatchEmbedding(Params p, MMDiTConfig c) {
        config = c;
        proj = new Conv2d(p.at("proj"), c.inChannels(), c.size(), c.patchSize(), c.patchSize(), 0);
        positions = p.get("pos_embed", 1, c.maxPatches() * c.maxPatches(), c.size());
    }

    /**
     * latents [B,C,H,W] -> [B,n,size].
     *
     * @throws IllegalArgumentException if a side is no multiple of a patch or has more patches than the table
     */
    Tensor forward(Tensor latents) {
        long rows = patches(latents.size(2));
        long columns = patches(latents.size(3));
        long max = config.maxPatches();
        Tensor cropped = positions
                .view(max, max, config.size())
                .narrow(0, (max - rows) / 2, rows)
                .narrow(1, (max - columns) / 2, columns);
        return proj.forward(latents)
                .flatten(2, -1)
                .transpose(1, 2)
                .add(cropped.reshape(1, rows * columns, config.size()));
    }

    private long patches(long side) {
        long patches = side / config.patchSize();
        if (side % config.patchSize() != 0 || patches < 1 || patches > config.maxPatches()) {
            throw new IllegalArgumentException(
                    "MMDiT: a side of [%d] latents, wanted a multiple of [%d] up to [%d]: choose another size"
                            .formatted(side, config.patchSize(), config.maxPatches() * config.patchSize()));
        }
        return patches;
    }

    /** What the table starts as: sinusoids of the column, then of the row (Vaswani et al. 2017, section 3.5) [1,max·max,size] fp32. */
    public static Tensor sinusoidalTable(MMDiTConfig c) {
        long max = c.maxPatches();
        long base = c.sampleSize() / c.patchSize();
        Tensor axis = sinusoids(Ops.div(Ops.range(max), (double) max / base), c.size() / 2, false, 0); // [max,size/2]
        Tensor columns = axis.unsqueeze(0).expand(max, max, c.size() / 2);
        Tensor rows = axis.unsqueeze(1).expand(max, max, c.size() / 2);
        return Ops.cat(2, columns, rows).view(1, max * max, c.size());
    }
}
