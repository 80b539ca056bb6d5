package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.models.upscale.Upscaler;
import dev.latente.nn.Params;
import dev.latente.profile.Phase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A loaded network that enlarges pictures, such as Real-ESRGAN. Thread-safe. Close it when nothing runs on it any more. */
public final class PictureUpscaler implements AutoCloseable {
    /** Side of a tile where none is given: half a gigabyte of working memory for a network of 64 features. */
    public static final int USUAL_TILE = 256;

    /** Half a step of 8 bits: a seam that is no larger is none. */
    private static final double SEAM = 0.5 / 255;

    private static final int PROBED = 128;
    private static final int PROBE_HEIGHT = 64;
    private static final int MARGIN = 4;

    private final Arena arena = new Arena();
    private final Upscaler network;
    private final DType dtype;
    private final Device device;
    private final Path path;

    private PictureUpscaler(Path path, LoadOptions options) {
        this.path = path;
        dtype = options.dtype();
        device = options.device();
        try (ModelFiles files =
                ModelFiles.open(path, "upscaler", options.files().variant())) {
            Params params = Params.of(WeightSources.cast(files.weights(), dtype, device), arena, WeightLayout.PREPARED);
            network = Upscaler.of(params, files.config());
            params.requireAllUsed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Loads one in fp32 on the CPU. */
    public static PictureUpscaler load(Path file) {
        return load(file, LoadOptions.DEFAULT);
    }

    /**
     * Loads ESRGAN, Real-ESRGAN or one of its compact networks, of any key layout, from a torch file or safetensors.
     *
     * @throws WeightsException if it is no such network, or broken
     */
    public static PictureUpscaler load(Path file, LoadOptions options) {
        return new PictureUpscaler(file, options);
    }

    /** By how much the sides grow. */
    public int scale() {
        return network.scale();
    }

    public Upscaler network() {
        return network;
    }

    /** Enlarges tile by tile, with as much around each as this picture needs. */
    public Picture upscale(Picture picture, Progress progress) {
        return upscale(picture, tiles(picture, USUAL_TILE), progress);
    }

    /**
     * Enlarges.
     *
     * @param tiles parts that are worked on one after the other, or null for the whole picture at once
     * @param progress told of each tile, with what became of it [1,C,h,w] in [0,1]
     * @return a picture of as many channels
     */
    public Picture upscale(Picture picture, @Nullable Tiles tiles, Progress progress) {
        Picture own = network.channels() == 3 ? picture.rgb() : picture.gray();
        Tiles parts = tiles == null ? new Tiles(Math.max(own.width(), own.height()), 0) : tiles;
        List<Tiles.Tile> list = parts.over(own.width(), own.height(), network.unit());
        int scale = network.scale();
        Picture large = Picture.filled(own.width() * scale, own.height() * scale, own.channels(), 0);
        return new Phase.Picture("upscale", 1, list.size()).run(() -> {
            for (int i = 0; i < list.size(); i++) {
                Tiles.Tile tile = list.get(i);
                int number = i + 1;
                Scopes.run(() -> {
                    Tensor core = core(own, tile);
                    Picture.fromTensor(core)[0].copyTo(
                            large, tile.core().x() * scale, tile.core().y() * scale);
                    progress.onCall(number, list.size(), core);
                });
            }
            return picture.channels() == 1 ? large.gray() : large;
        });
    }

    /** What the network makes of a part, without its surroundings [1,C,h,w]. */
    private Tensor core(Picture picture, Tiles.Tile tile) {
        var seen = tile.seen();
        var core = tile.core();
        long scale = network.scale();
        return Scopes.keep(() -> Ops.to(
                        forward(picture.crop(seen.x(), seen.y(), seen.width(), seen.height())), DType.F32)
                .narrow(2, (core.y() - seen.y()) * scale, core.height() * scale)
                .narrow(3, (core.x() - seen.x()) * scale, core.width() * scale)
                .contiguous());
    }

    private Tensor forward(Picture picture) {
        return network.forward(Ops.to(picture.toTensor(), dtype, device));
    }

    /**
     * Tiles of that side with as much around each that no seam shows. How far a network looks is much less than how far it
     * could: it is measured by cutting a strip of the picture, and where what comes of it stops to differ by half a step of 8
     * bits the surroundings may end, with a quarter more for other places.
     */
    public @Nullable Tiles tiles(Picture picture, int side) {
        if (Math.max(picture.width(), picture.height()) <= side) {
            return null;
        }
        Picture own = network.channels() == 3 ? picture.rgb() : picture.gray();
        boolean wide = own.width() >= own.height();
        int length = Math.min(2 * PROBED, wide ? own.width() : own.height());
        int breadth = Math.min(PROBE_HEIGHT, wide ? own.height() : own.width());
        int x = (own.width() - (wide ? length : breadth)) / 2;
        int y = (own.height() - (wide ? breadth : length)) / 2;
        Picture strip = own.crop(x, y, wide ? length : breadth, wide ? breadth : length);
        int unit = network.unit();
        int cut = length / 2 / unit * unit;
        int seen = differing(strip, cut, wide);
        // Where the cut is felt at the end of the strip, nothing is known of what lies beyond it.
        boolean felt = seen >= length - cut;
        int wanted = felt ? network.reach() : seen + seen / 4 + MARGIN * unit;
        return new Tiles(side, Math.min(wanted, network.reach()));
    }

    /** How many pixels behind a cut come out otherwise than without it; in fp32, so that no rounding is taken for it. */
    private int differing(Picture strip, int cut, boolean wide) {
        if (dtype == DType.F32) {
            return Scopes.within(() -> compared(strip, cut, wide));
        }
        try (PictureUpscaler exact = load(path, LoadOptions.of(DType.F32, device))) {
            return exact.differing(strip, cut, wide);
        }
    }

    private int compared(Picture strip, int cut, boolean wide) {
        int along = wide ? 3 : 2;
        long scale = network.scale();
        Picture half = wide
                ? strip.crop(cut, 0, strip.width() - cut, strip.height())
                : strip.crop(0, cut, strip.width(), strip.height() - cut);
        Tensor alone = Ops.to(forward(half), DType.F32);
        Tensor together = Ops.to(forward(strip), DType.F32).narrow(along, cut * scale, alone.size(along));
        Tensor difference = alone.sub(together).abs().amax(wide ? new long[] {0, 1, 2} : new long[] {0, 1, 3}, false);
        double[] worst = Ops.doubles(difference);
        int last = worst.length - 1;
        while (last >= 0 && worst[last] <= SEAM) {
            last--;
        }
        return (int) Math.ceil((last + 1) / (double) scale);
    }

    @Override
    public void close() {
        arena.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
