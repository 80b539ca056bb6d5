package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.vae.Autoencoder;
import dev.latente.mundo.Painter;
import dev.latente.mundo.World;
import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/**
 * What an autoencoder leaves of pictures of the world that nothing was trained with.
 *
 * @param psnr of each, in dB, from 8-bit levels; 99 for no difference
 */
public record Reconstruction(List<Double> psnr) {
    private static final int BATCH = 10;
    private static final double SAME = 99;

    public Reconstruction {
        psnr = List.copyOf(psnr);
    }

    /** Encodes and decodes so many pictures, by the mean of their latents. */
    public static Reconstruction of(Checkpoint checkpoint, int pictures, IntConsumer progress) {
        List<Double> psnr = new ArrayList<>();
        for (int from = 0; from < pictures; from += BATCH) {
            List<Picture> originals = new ArrayList<>();
            for (int i = from; i < Math.min(from + BATCH, pictures); i++) {
                long seed = Resemblance.UNSEEN + i;
                originals.add(Picture.of(Painter.paint(World.scene(seed), seed)));
            }
            List<Picture> decoded = through(checkpoint, originals);
            for (int i = 0; i < originals.size(); i++) {
                psnr.add(Math.min(SAME, originals.get(i).psnr(decoded.get(i))));
            }
            progress.accept(psnr.size());
        }
        return new Reconstruction(psnr);
    }

    /** The mean over all pictures; not a number for none. */
    public double mean() {
        return psnr.stream().mapToDouble(p -> p).average().orElse(Double.NaN);
    }

    /** Pictures of one size, encoded and decoded by the mean of their latents. */
    public static List<Picture> through(Checkpoint checkpoint, List<Picture> pictures) {
        Autoencoder vae = checkpoint.vae();
        return Scopes.within(() -> {
            Tensor x = Ops.cat(0, pictures.stream().map(Picture::toTensor).toArray(Tensor[]::new)); // [B,3,128,128]
            Tensor out = vae.pictures(vae.latents(VaeImages.normalize(x), (mean, std) -> mean));
            return List.of(Picture.fromTensor(VaeImages.denormalize(Ops.to(out, DType.F32))));
        });
    }
}
