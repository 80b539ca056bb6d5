package dev.latente.models.vae;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Tiles that overlap, so that memory is bounded by the tile and not by the picture.
 *
 * @param sample side of a tile in pixels
 * @param latent side of the same tile in latents
 * @param overlap part of a tile that it shares with its neighbour
 */
public record Tiling(int sample, int latent, double overlap) {
    public Tiling {
        if (sample < 1 || latent < 1 || !(overlap >= 0 && overlap < 1)) {
            throw new IllegalArgumentException(
                    "tiling: sample [%d] and latent [%d] must be positive and overlap [%s] in [0, 1)"
                            .formatted(sample, latent, overlap));
        }
    }

    /** Tiles of the size that the model was trained with, overlapping by a quarter. */
    public static Tiling of(VaeConfig config) {
        return new Tiling(config.sampleSize(), config.sampleSize() / config.factor(), 0.25);
    }

    public Tiling withOverlap(double overlap) {
        return new Tiling(sample, latent, overlap);
    }

    boolean splitsPicture(Tensor x) {
        return Math.max(x.size(2), x.size(3)) > sample;
    }

    boolean splitsLatents(Tensor z) {
        return Math.max(z.size(2), z.size(3)) > latent;
    }

    Tensor encode(Tensor x, UnaryOperator<Tensor> encoder) {
        return map(x, sample, latent, encoder);
    }

    Tensor decode(Tensor z, UnaryOperator<Tensor> decoder) {
        return map(z, latent, sample, decoder);
    }

    /** Maps tiles of side {@code from} to tiles of side {@code to} and joins them. */
    private Tensor map(Tensor x, int from, int to, UnaryOperator<Tensor> body) {
        int step = Math.max(1, (int) (from * (1 - overlap)));
        int blend = (int) (to * overlap);
        int kept = to - blend;
        List<Tensor> rows = new ArrayList<>();
        List<Tensor> above = List.of();
        for (long top = 0; top < x.size(2); top += step) {
            List<Tensor> row = new ArrayList<>();
            List<Tensor> parts = new ArrayList<>();
            for (long left = 0; left < x.size(3); left += step) {
                Tensor part = crop(x, top, left, from);
                Tensor tile = Scopes.keep(() -> body.apply(part));
                // In place: the next tiles blend with the blended one.
                if (!above.isEmpty()) {
                    blend(above.get(row.size()), tile, 2, blend);
                }
                if (!row.isEmpty()) {
                    blend(row.get(row.size() - 1), tile, 3, blend);
                }
                row.add(tile);
                parts.add(crop(tile, 0, 0, kept));
            }
            rows.add(Ops.cat(3, parts.toArray(new Tensor[0])));
            above = row;
        }
        return Ops.cat(2, rows.toArray(new Tensor[0]));
    }

    private static Tensor crop(Tensor x, long top, long left, long size) {
        return Ops.slice(Ops.slice(x, 2, top, top + size), 3, left, left + size);
    }

    /** Fades from the end of a into the start of b along a dimension, in b. */
    private static void blend(Tensor a, Tensor b, int dim, int extent) {
        int n = (int) Math.min(extent, Math.min(a.size(dim), b.size(dim)));
        if (n == 0) {
            return;
        }
        Scopes.run(() -> {
            float[] fade = new float[n];
            float[] rest = new float[n];
            for (int i = 0; i < n; i++) {
                fade[i] = (float) ((double) i / n);
                rest[i] = (float) (1 - (double) i / n);
            }
            long[] shape = dim == 2 ? new long[] {n, 1} : new long[] {1, n};
            Tensor end = Ops.slice(a, dim, a.size(dim) - n, a.size(dim));
            Tensor start = Ops.slice(b, dim, 0, n);
            start.copy_(end.mul(weights(rest, b, shape)).add(start.mul(weights(fade, b, shape))));
        });
    }

    private static Tensor weights(float[] values, Tensor like, long... shape) {
        return Ops.to(Ops.of(values, shape), Ops.device(like));
    }
}
