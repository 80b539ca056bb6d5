package dev.latente.image;

import org.jspecify.annotations.Nullable;

/**
 * Room around a picture, to be painted on (outpainting).
 *
 * @param left pixels that are added there
 * @param top pixels that are added there
 * @param right pixels that are added there
 * @param bottom pixels that are added there
 */
public record Canvas(int left, int top, int right, int bottom) {
    public Canvas {
        if (left < 0 || top < 0 || right < 0 || bottom < 0 || left + top + right + bottom == 0) {
            throw new IllegalArgumentException(
                    "outpaint: got [%d,%d,%d,%d], wanted four numbers of pixels from 0, and one that is larger"
                            .formatted(left, top, right, bottom));
        }
    }

    /** Reads {@code left,top,right,bottom}. */
    public static Canvas parse(String text) {
        String[] parts = text.split(",", -1);
        int[] n = new int[4];
        try {
            for (int i = 0; i < 4 && parts.length == 4; i++) {
                n[i] = Integer.parseInt(parts[i].strip());
            }
        } catch (NumberFormatException e) {
            throw wrong(text);
        }
        if (parts.length != 4) {
            throw wrong(text);
        }
        return new Canvas(n[0], n[1], n[2], n[3]);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "outpaint: got [%s], wanted LEFT,TOP,RIGHT,BOTTOM in pixels such as 0,0,256,0".formatted(text));
    }

    /** The picture on the larger canvas; its border is repeated outwards, so that what is new begins in its colours. */
    public Picture around(Picture picture) {
        int width = picture.width() + left + right;
        int height = picture.height() + top + bottom;
        int c = picture.channels();
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), c)];
        for (int y = 0; y < height; y++) {
            int row = Math.min(Math.max(y - top, 0), picture.height() - 1);
            for (int x = 0; x < width; x++) {
                int column = Math.min(Math.max(x - left, 0), picture.width() - 1);
                System.arraycopy(picture.data(), (row * picture.width() + column) * c, out, (y * width + x) * c, c);
            }
        }
        return new Picture(width, height, c, out);
    }

    /** The mask of what is new, white; a mask of the picture itself, or null, stays in the middle. */
    public Picture mask(Picture picture, @Nullable Picture own) {
        Picture inside = own == null ? Picture.filled(picture.width(), picture.height(), 1, 0) : own.gray();
        return Picture.filled(picture.width() + left + right, picture.height() + top + bottom, 1, 255)
                .paste(inside, left, top);
    }
}
