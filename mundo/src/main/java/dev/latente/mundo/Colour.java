package dev.latente.mundo;

import java.awt.Color;

/** The colours that captions name. */
public enum Colour {
    RED(0xD93A32),
    ORANGE(0xF08A24),
    YELLOW(0xF6C934),
    GREEN(0x4FA84A),
    BLUE(0x3B7DD8),
    PURPLE(0x8250B8),
    PINK(0xF08FB4),
    BROWN(0x8B5A33),
    BLACK(0x2F303A),
    WHITE(0xF7F5EF),
    GREY(0x8F98A3);

    private final Color awt;

    Colour(int rgb) {
        awt = new Color(rgb);
    }

    /** This colour in sRGB. */
    public Color awt() {
        return awt;
    }
}
