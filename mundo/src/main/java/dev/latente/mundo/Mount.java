package dev.latente.mundo;

import java.awt.Graphics2D;

/** What a subject rides on. */
public enum Mount {
    HORSE(Colour.BROWN, 1.45, -0.07, -0.57),
    ELEPHANT(Colour.GREY, 1.35, -0.14, -0.64),
    GIRAFFE(Colour.YELLOW, 1.15, -0.1, -0.63),
    OSTRICH(Colour.BLACK, 1.1, -0.1, -0.65),
    TURTLE(Colour.GREEN, 1.45, -0.06, -0.48),
    SNAIL(Colour.PINK, 1.4, -0.1, -0.56),
    WHALE(Colour.BLUE, 1.5, -0.04, -0.43),
    DRAGON(Colour.PURPLE, 1.5, -0.04, -0.42),
    BICYCLE(Colour.RED, 1.35, -0.13, -0.58),
    SCOOTER(Colour.GREEN, 1.3, -0.18, -0.46),
    SKATEBOARD(Colour.ORANGE, 1.1, 0, -0.2),
    ROCKET(Colour.WHITE, 1.5, -0.02, -0.42);

    private final Colour usual;
    private final double size;
    private final double seatX;
    private final double seatY;

    Mount(Colour usual, double size, double seatX, double seatY) {
        this.usual = usual;
        this.size = size;
        this.seatX = seatX;
        this.seatY = seatY;
    }

    /** The colour that this mount has where nobody says otherwise. */
    public Colour usual() {
        return usual;
    }

    /** The length of this mount in standing heights of its rider. */
    public double size() {
        return size;
    }

    /** Where the rider's origin lies, in this mount's frame. */
    public double seatX() {
        return seatX;
    }

    /** Where the rider's origin lies, in this mount's frame. */
    public double seatY() {
        return seatY;
    }

    /** Whether one rides it standing ({@link Pose#STANDING}, the seat between the feet) and not astride. */
    public boolean standing() {
        return this == SKATEBOARD;
    }

    /** Paints this mount facing right, in a frame with y down where 1 is its length: x in [-0.5, 0.5], y in [-1.45, 0]. */
    public void paint(Graphics2D g, Look look) {
        Brush brush = new Brush(g, look, 1.6);
        switch (this) {
            case HORSE -> Beasts.horse(brush);
            case ELEPHANT -> Beasts.elephant(brush);
            case GIRAFFE -> Beasts.giraffe(brush);
            case OSTRICH -> Beasts.ostrich(brush);
            case TURTLE -> Crawlers.turtle(brush);
            case SNAIL -> Crawlers.snail(brush);
            case WHALE -> Crawlers.whale(brush);
            case DRAGON -> Crawlers.dragon(brush);
            case BICYCLE -> Vehicles.bicycle(brush);
            case SCOOTER -> Vehicles.scooter(brush);
            case SKATEBOARD -> Vehicles.skateboard(brush);
            case ROCKET -> Vehicles.rocket(brush);
        }
    }
}
