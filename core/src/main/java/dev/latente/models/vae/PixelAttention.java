package dev.latente.models.vae;

import dev.latente.nn.GroupNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Self-attention of one head over all pixels, added to its input. Keys as in diffusers' {@code Attention}. */
final class PixelAttention {
    private final GroupNorm norm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;

    PixelAttention(Params p, long channels, long groups) {
        norm = new GroupNorm(p.at("group_norm"), groups, channels, 1e-6);
        query = new Linear(p.at("to_q"), channels, channels);
        key = new Linear(p.at("to_k"), channels, channels);
        value = new Linear(p.at("to_v"), channels, channels);
        out = new Linear(p.at("to_out").at(0), channels, channels);
    }

    /** x [B,C,H,W] -> the same shape. */
    Tensor forward(Tensor x) {
        Tensor pixels = norm.forward(x).flatten(2, 3).transpose(1, 2); // [B,H·W,C]
        Tensor attended = Attention.attend(
                query.forward(pixels).unsqueeze(1),
                key.forward(pixels).unsqueeze(1),
                value.forward(pixels).unsqueeze(1),
                null,
                false,
                0);
        Tensor y = out.forward(attended.squeeze(1)); // [B,H·W,C]
        return Functional.add(x, y.transpose(1, 2).unflatten(2, x.size(2), x.size(3)));
    }
}
