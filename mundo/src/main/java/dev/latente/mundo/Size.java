package dev.latente.mundo;

/** How large a shape is drawn. */
public enum Size {
    SMALL(28),
    BIG(52);

    private final int pixels;

    Size(int pixels) {
        this.pixels = pixels;
    }

    /** The width and height in pixels. */
    public int pixels() {
        return pixels;
    }
}
