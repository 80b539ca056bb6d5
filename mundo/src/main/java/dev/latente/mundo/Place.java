package dev.latente.mundo;

import static dev.latente.mundo.Daylight.DAY;
import static dev.latente.mundo.Daylight.NIGHT;
import static dev.latente.mundo.Daylight.SUNSET;
import static dev.latente.mundo.Weather.CLEAR;
import static dev.latente.mundo.Weather.FOG;
import static dev.latente.mundo.Weather.RAIN;
import static dev.latente.mundo.Weather.SNOWFALL;

import java.util.List;

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
}
