package dev.latente.mundo;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;

/** What a subject rides on. */
public enum Mount {
    HORSE(Colour.BROWN, 1.45, -0.04, -0.56),
    ELEPHANT(Colour.GREY, 1.55, -0.06, -0.62),
    GIRAFFE(Colour.YELLOW, 1.2, -0.1, -0.62),
    OSTRICH(Colour.BLACK, 1.2, -0.1, -0.62),
    TURTLE(Colour.GREEN, 1.45, -0.06, -0.44),
    SNAIL(Colour.PINK, 1.4, -0.06, -0.5),
    WHALE(Colour.BLUE, 1.55, 0, -0.42),
    DRAGON(Colour.PURPLE, 1.55, 0, -0.42),
    BICYCLE(Colour.RED, 1.4, -0.12, -0.56),
    SCOOTER(Colour.GREEN, 1.35, -0.16, -0.42),
    SKATEBOARD(Colour.ORANGE, 1.1, 0, -0.16),
    ROCKET(Colour.WHITE, 1.55, -0.04, -0.4);

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

    /** Paints this mount facing right, in a frame with y down where 1 is its length: x in [-0.5, 0.5], the ground at y = 0. */
    public void paint(Graphics2D g, Look look) {
        g.setColor(look.body());
        g.fill(new Rectangle2D.Double(-0.5, seatY, 1, -seatY));
    }
}
