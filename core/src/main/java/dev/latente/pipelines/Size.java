package dev.latente.pipelines;

/**
 * Size of a picture.
 *
 * @param width in pixels
 * @param height in pixels
 */
public record Size(int width, int height) {
    /** Longest side that is drawn. */
    private static final int LIMIT = 16384;

    public Size {
        if (width < 1 || height < 1 || width > LIMIT || height > LIMIT) {
            throw new IllegalArgumentException(
                    "size: got [%dx%d], wanted sides of 1 to %d pixels".formatted(width, height, LIMIT));
        }
    }

    /** Reads {@code 768x512} (width first) or {@code 512} for a square. */
    public static Size parse(String text) {
        String[] sides = text.strip().split("[xX×]", -1);
        try {
            int width = Integer.parseInt(sides[0].strip());
            return new Size(width, sides.length == 1 ? width : Integer.parseInt(sides[1].strip()));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "size: got [%s], wanted WIDTHxHEIGHT such as 768x512".formatted(text), e);
        }
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
