package dev.latente.training.data;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;
import java.util.Objects;

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
        Size from = new Size(source.width(), source.height());
        Size scaled = scaled(from, size);
        boolean flipped = random.uniform() < flip;
        int left = offset(scaled.width() - size.width(), random);
        int top = offset(scaled.height() - size.height(), random);
        String caption = example.captions().isEmpty()
                ? ""
                : example.captions().get(random.below(example.captions().size()));
        Micro micro = new Micro(from, new Micro.Crop(top, left), size, Micro.DEFAULT.aestheticScore());
        return new Sample(example.name(), cut(source, scaled, size, micro.crop(), flipped), caption, micro, flipped);
    }

    /** Scales, flips and crops another picture of the same scene, such as its depth, as the sample was. */
    public static Picture like(Sample sample, Picture other) {
        Size size = new Size(sample.picture().width(), sample.picture().height());
        Size from = Objects.requireNonNullElse(sample.micro().original(), size);
        return cut(other, scaled(from, size), size, sample.micro().crop(), sample.flipped());
    }

    /** The size at which a picture covers another one. */
    private static Size scaled(Size from, Size size) {
        double scale = Math.max((double) size.width() / from.width(), (double) size.height() / from.height());
        return new Size(Math.max(size.width(), (int) Math.round(from.width() * scale)), Math.max(size.height(), (int)
                Math.round(from.height() * scale)));
    }

    /** @param corner in the flipped picture, as SDXL was trained */
    private static Picture cut(Picture picture, Size scaled, Size size, Micro.Crop corner, boolean flipped) {
        int x = flipped ? scaled.width() - size.width() - corner.left() : corner.left();
        Picture part = Resize.to(picture, scaled.width(), scaled.height(), Resize.Filter.LANCZOS)
                .crop(x, corner.top(), size.width(), size.height());
        return flipped ? mirrored(part) : part;
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
