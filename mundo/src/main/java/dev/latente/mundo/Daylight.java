package dev.latente.mundo;

/** The light of a place; a caption names it only where it is not the place's {@link Place#usual()} one. */
public enum Daylight {
    DAY,
    SUNSET,
    NIGHT
}
