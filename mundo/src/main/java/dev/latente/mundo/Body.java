package dev.latente.mundo;

import static dev.latente.mundo.Brush.box;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;

import java.awt.Color;

/**
 * The limbs and the face that subjects share, in hundredths of the standing height around the hip: the soles at y = 28, the crown at -72, so that
 * all that lies above the hip is the same in every {@link Pose}.
 */
record Body(Brush brush, Pose pose) {
    static final Color SKIN = new Color(0xF3C39B);
    static final Color INK = new Color(0x24222E);
    static final Color SNOW = new Color(0xFBF9F4);
    static final Color ROSE = new Color(0xF0907F);
    static final Color GOLD = new Color(0xF4C132);

    boolean riding() {
        return pose == Pose.RIDING;
    }

    /** The arm farther from the viewer: down, up to wave, or forward to the reins. */
    void farArm(Color sleeve, Color hand) {
        double lift = brush.swing(-2, 2);
        switch (pose) {
            case STANDING -> arm(sleeve, hand, 12, -25, 19 + lift, -15, 20 + lift, -4);
            case WAVING -> arm(sleeve, hand, 11, -24, 28, -28, 34 + lift, -46);
            case RIDING -> arm(sleeve, hand, 10, -24, 20, -19, 29, -18 + lift);
        }
    }

    /** The arm nearer to the viewer: down, or forward to the reins. */
    void nearArm(Color sleeve, Color hand) {
        double lift = brush.swing(-2, 2);
        if (riding()) {
            arm(sleeve, hand, -4, -23, 8, -13, 25, -15 + lift);
        } else {
            arm(sleeve, hand, -12, -25, -19 + lift, -15, -20 + lift, -4);
        }
    }

    private void arm(Color sleeve, Color hand, double... xy) {
        brush.form(hand, oval(xy[4], xy[5], 5.5, 5.5));
        brush.form(sleeve, limb(9.5, xy[0], xy[1], xy[2], xy[3], (xy[2] + xy[4]) / 2, (xy[3] + xy[5]) / 2));
    }

    /** Both legs, or astride the nearer one alone, for the mount hides the other. */
    void legs(Color trousers, Color shoe) {
        if (riding()) {
            double kick = brush.swing(-3, 2);
            brush.form(shoe, box(7 + kick, 17, 17, 9.5, 9));
            brush.form(trousers, limb(12, -2, -1, 13, 6, 12 + kick, 16));
        } else {
            brush.form(shoe, box(-16, 16.5, 16, 9.5, 9), box(2, 16.5, 16, 9.5, 9));
            brush.form(trousers, limb(11.5, -7.5, 0, -8, 14), limb(11.5, 7.5, 0, 8, 14));
        }
    }

    /** Two round eyes of the radius. */
    void eyes(double left, double right, double y, double radius) {
        brush.flat(INK, oval(left, y, radius, radius * 1.2), oval(right, y, radius, radius * 1.2));
        double glint = radius * 0.4;
        brush.flat(SNOW, oval(left + glint, y - glint, glint, glint), oval(right + glint, y - glint, glint, glint));
    }

    /** A smile around the point, as wide as told. */
    void smile(double x, double y, double width) {
        brush.flat(INK, limb(2.6, x - (width / 2), y - 1.5, x, y + 1, x + (width / 2), y - 1.5));
    }

    /** Rosy cheeks. */
    void cheeks(double left, double right, double y) {
        brush.flat(ROSE, oval(left, y, 3.4, 2.6), oval(right, y, 3.4, 2.6));
    }
}
