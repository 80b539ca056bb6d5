package dev.latente.mundo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.util.random.RandomGenerator;

/** What is in the air of a place; captions say nothing of {@link #CLEAR}. */
public enum Weather {
    CLEAR,
    RAIN,
    SNOWFALL,
    FOG;

    private static final int ROWS = 6;

    /** Paints itself over what is there: a few bold drops or flakes, or a veil of fog. */
    void paint(Graphics2D g, RandomGenerator random) {
        Pen pen = new Pen(g, 0);
        switch (this) {
            case CLEAR -> {}
            case RAIN -> {
                pen.box(new Color(60, 80, 120, 46), 0, 0, Backdrop.SIZE, Backdrop.SIZE);
                strew(random, (x, y) -> pen.line(new Color(0xCFE6FA), 2.2, x + 2, y - 4, x - 2, y + 5));
            }
            case SNOWFALL -> strew(random, (x, y) -> pen.disc(Color.WHITE, x, y, 2.3));
            case FOG -> {
                pen.fade(new Color(236, 239, 243, 100), new Color(236, 239, 243, 190), 0, 0, Backdrop.SIZE, 90);
                pen.fade(new Color(236, 239, 243, 190), new Color(236, 239, 243, 90), 0, 90, Backdrop.SIZE, 38);
            }
        }
    }

    private interface Mark {
        void at(double x, double y);
    }

    /** Sets a mark in each field of a shifted grid. */
    private static void strew(RandomGenerator random, Mark mark) {
        double step = (double) Backdrop.SIZE / ROWS;
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < ROWS; column++) {
                double shift = row % 2 == 0 ? 0.1 : 0.5;
                mark.at(
                        (column + shift + 0.4 * random.nextDouble()) * step,
                        (row + 0.2 + 0.6 * random.nextDouble()) * step);
            }
        }
    }
}
