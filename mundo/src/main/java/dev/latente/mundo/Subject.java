package dev.latente.mundo;

import java.awt.Graphics2D;

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
        Brush brush = new Brush(g, look, 2);
        brush.move(0, pose == Pose.RIDING ? 0 : -28);
        Body body = new Body(brush, pose);
        switch (this) {
            case ASTRONAUT -> Heroes.astronaut(body);
            case ROBOT -> Heroes.robot(body);
            case KNIGHT -> Heroes.knight(body);
            case WIZARD -> Heroes.wizard(body);
            case PIRATE -> Heroes.pirate(body);
            case QUEEN -> Heroes.queen(body);
            case NINJA -> Heroes.ninja(body);
            case CAT -> Creatures.cat(body);
            case BEAR -> Creatures.bear(body);
            case RABBIT -> Creatures.rabbit(body);
            case FROG -> Creatures.frog(body);
            case PENGUIN -> Creatures.penguin(body);
            case LION -> Creatures.lion(body);
        }
    }
}
