package dev.latente.mundo;

import static dev.latente.mundo.Daylight.DAY;
import static dev.latente.mundo.Daylight.NIGHT;
import static dev.latente.mundo.Daylight.SUNSET;
import static dev.latente.mundo.Weather.CLEAR;
import static dev.latente.mundo.Weather.FOG;
import static dev.latente.mundo.Weather.RAIN;
import static dev.latente.mundo.Weather.SNOWFALL;

import java.awt.Graphics2D;
import java.util.List;
import java.util.random.RandomGenerator;

/** Where a scene plays: a backdrop of 128x128 pixels, with the lights and the weather that make sense there. */
public enum Place {
    MARS,
    MOON,
    FOREST,
    BEACH,
    DESERT,
    SNOW,
    CITY,
    UNDERWATER,
    MEADOW,
    VOLCANO,
    MOUNTAINS,
    CASTLE;

    /** The height of the line where things stand, in pixels from above. */
    public static final int GROUND = 104;

    /** The lights that the place is seen in, the usual one first. */
    public List<Daylight> lights() {
        return switch (this) {
            case MOON, CITY -> List.of(NIGHT);
            case UNDERWATER -> List.of(DAY);
            case MARS, VOLCANO -> List.of(DAY, NIGHT);
            case FOREST, BEACH, DESERT, SNOW, MEADOW, MOUNTAINS, CASTLE -> List.of(DAY, SUNSET, NIGHT);
        };
    }

    /** The light that goes without saying: by day, but the city and the Moon lie under a night sky. */
    public Daylight usual() {
        return lights().get(0);
    }

    /** The weather that the place can have, {@link Weather#CLEAR} first. */
    public List<Weather> weathers() {
        return switch (this) {
            case MARS, MOON, DESERT, UNDERWATER, VOLCANO -> List.of(CLEAR);
            case BEACH, CASTLE -> List.of(CLEAR, RAIN);
            case SNOW -> List.of(CLEAR, SNOWFALL);
            case CITY -> List.of(CLEAR, RAIN, SNOWFALL);
            case MEADOW -> List.of(CLEAR, RAIN, FOG);
            case FOREST, MOUNTAINS -> List.of(CLEAR, RAIN, SNOWFALL, FOG);
        };
    }

    /** Paints all of the canvas. The backdrop is mirrored half of the time, and its landmarks move a little. */
    public void paint(Graphics2D g, Daylight light, RandomGenerator random) {
        Graphics2D mirrored = (Graphics2D) g.create();
        if (random.nextBoolean()) {
            mirrored.translate(Backdrop.SIZE, 0);
            mirrored.scale(-1, 1);
        }
        Backdrop backdrop = new Backdrop(new Pen(mirrored, 0), light, random);
        switch (this) {
            case MARS -> Wonders.mars(backdrop);
            case MOON -> Wonders.moon(backdrop);
            case FOREST -> Landscapes.forest(backdrop);
            case BEACH -> Landscapes.beach(backdrop);
            case DESERT -> Landscapes.desert(backdrop);
            case SNOW -> Landscapes.snow(backdrop);
            case CITY -> Wonders.city(backdrop);
            case UNDERWATER -> Wonders.underwater(backdrop);
            case MEADOW -> Landscapes.meadow(backdrop);
            case VOLCANO -> Wonders.volcano(backdrop);
            case MOUNTAINS -> Landscapes.mountains(backdrop);
            case CASTLE -> Wonders.castle(backdrop);
        }
    }
}
