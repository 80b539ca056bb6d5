package dev.latente.training.data;

import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Size;
import java.util.List;

/**
 * An example as it is stored.
 *
 * @param name where it comes from
 * @param bytes of a picture file
 * @param captions any number of texts
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them, and copying megabytes at every access would not do
public record Encoded(String name, byte[] bytes, List<String> captions) {
    /** Largest number of pixels that is decoded: several pictures are in memory at once. */
    private static final long MAX_PIXELS = 64_000_000;

    public Encoded {
        captions = List.copyOf(captions);
    }

    /**
     * Size of the picture, from its head.
     *
     * @throws UnreadableExampleException if it has none
     */
    public Size size() {
        return UnreadableExampleException.naming(name, () -> size(PictureFiles.size(bytes, name)));
    }

    /**
     * Decodes the picture.
     *
     * @throws UnreadableExampleException if it is corrupt
     */
    public Example decode() {
        return UnreadableExampleException.naming(name, () -> {
            size();
            return new Example(name, PictureFiles.read(bytes, name).rgb(), captions);
        });
    }

    /** The size, checked. */
    static Size size(int[] sides) {
        Size size = new Size(sides[0], sides[1]);
        if ((long) size.width() * size.height() > MAX_PIXELS) {
            throw new IllegalArgumentException(
                    "picture of %s is too large (limit %d pixels)".formatted(size, MAX_PIXELS));
        }
        return size;
    }
}
