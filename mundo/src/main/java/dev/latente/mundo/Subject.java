package dev.latente.mundo;

import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;

/** Who a picture is about: whoever stands, waves or rides in it. */
public enum Subject {
    ASTRONAUT(Colour.WHITE),
    ROBOT(Colour.GREY),
    KNIGHT(Colour.RED),
    WIZARD(Colour.PURPLE),
    PIRATE(Colour.BLUE),
    QUEEN(Colour.PINK),
    NINJA(Colour.BLACK),
    CAT(Colour.ORANGE),
    BEAR(Colour.BROWN),
    RABBIT(Colour.WHITE),
    FROG(Colour.GREEN),
    PENGUIN(Colour.BLACK),
    LION(Colour.YELLOW);

    private final Colour usual;

    Subject(Colour usual) {
        this.usual = usual;
    }

    /** The colour that this subject has where nobody says otherwise. */
    public Colour usual() {
        return usual;
    }

    /**
     * Paints this subject facing right, in a frame with y down where 1 is the height of the standing figure. Standing and waving, the origin
     * lies between the feet and the figure within x in [-0.45, 0.45], y in [-1, 0]; riding, the origin is the seat and y in [-0.72, 0.3].
     */
    public void paint(Graphics2D g, Pose pose, Look look) {
        double hip = pose == Pose.RIDING ? 0 : -0.28;
        g.setColor(look.body());
        g.fill(new Ellipse2D.Double(-0.18, hip - 0.72, 0.36, 0.36));
        g.fill(new Ellipse2D.Double(-0.15, hip - 0.4, 0.3, 0.68));
    }
}
