package dev.latente.models.flux;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Latents as the tokens that a {@link Flux} sees: squares of 2x2, channel by channel, row by row. */
public final class PackedLatents {
    private PackedLatents() {}

    /** latents [B,C,h,w] -> [B,h/2·w/2,4·C]. */
    public static Tensor pack(Tensor latents) {
        long b = latents.size(0);
        long c = latents.size(1);
        long rows = latents.size(2) / 2;
        long columns = latents.size(3) / 2;
        return latents.reshape(b, c, rows, 2, columns, 2)
                .permute(0, 2, 4, 1, 3, 5) // [B,h/2,w/2,C,2,2]
                .reshape(b, rows * columns, 4 * c);
    }

    /** tokens [B,h/2·w/2,4·C] -> [B,C,h,w]. */
    public static Tensor unpack(Tensor tokens, long height, long width) {
        long b = tokens.size(0);
        long c = tokens.size(2) / 4;
        return tokens.reshape(b, height / 2, width / 2, c, 2, 2)
                .permute(0, 3, 1, 4, 2, 5) // [B,C,h/2,2,w/2,2]
                .reshape(b, c, height, width);
    }

    /** Where the tokens of latents of that size are, then those of the text, which are all at 0: index, row, column [n+m,3] fp32. */
    public static Tensor positions(long height, long width, long text) {
        int rows = Math.toIntExact(height / 2);
        int columns = Math.toIntExact(width / 2);
        int tokens = rows * columns + Math.toIntExact(text);
        float[] values = new float[3 * tokens];
        for (int row = 0, at = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++, at += 3) {
                values[at + 1] = row;
                values[at + 2] = column;
            }
        }
        return Ops.of(values, tokens, 3);
    }
}
