package dev.latente.training.data;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;

/**
 * How a picture is brought to its bucket's size: scaled to cover it, flipped, cropped. Which crop, which flip and which
 * caption is drawn anew for every use.
 *
 * @param randomCrop crops anywhere; else from the middle
 * @param flip how often a picture is mirrored, 0 to 1
 */
public record Augment(boolean randomCrop, double flip) {
    /** Crops from the middle, never flips. */
    public static final Augment NONE = new Augment(false, 0);

    public Augment {
        if (!(flip >= 0 && flip <= 1)) {
            throw new IllegalArgumentException("augment: got flip [%s], wanted 0 to 1".formatted(flip));
        }
    }

    Sample apply(Example example, Size size, CounterRandom random) {
        Picture source = example.picture();
        double scale = Math.max((double) size.width() / source.width(), (double) size.height() / source.height());
        int width = Math.max(size.width(), (int) Math.round(source.width() * scale));
        int height = Math.max(size.height(), (int) Math.round(source.height() * scale));
        boolean flipped = random.uniform() < flip;
        int left = offset(width - size.width(), random);
        int top = offset(height - size.height(), random);
        // The corner is told in the flipped picture, as SDXL was trained.
        int x = flipped ? width - size.width() - left : left;
        Picture picture =
                Resize.to(source, width, height, Resize.Filter.LANCZOS).crop(x, top, size.width(), size.height());
        String caption = example.captions().isEmpty()
                ? ""
                : example.captions().get(random.below(example.captions().size()));
        Micro micro = new Micro(
                new Size(source.width(), source.height()),
                new Micro.Crop(top, left),
                size,
                Micro.DEFAULT.aestheticScore());
        return new Sample(example.name(), flipped ? mirrored(picture) : picture, caption, micro, flipped);
    }

    private int offset(int room, CounterRandom random) {
        return randomCrop ? random.below(room + 1) : room / 2;
    }

    private static Picture mirrored(Picture picture) {
        int channels = picture.channels();
        int row = picture.width() * channels;
        byte[] from = picture.data();
        byte[] out = new byte[from.length];
        for (int at = 0; at < from.length; at += channels) {
            int x = at % row;
            System.arraycopy(from, at, out, at - x + row - channels - x, channels);
        }
        return new Picture(picture.width(), picture.height(), channels, out);
    }
}
