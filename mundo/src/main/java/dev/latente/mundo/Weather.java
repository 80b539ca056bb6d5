package dev.latente.mundo;

/** What is in the air of a place; captions say nothing of {@link #CLEAR}. */
public enum Weather {
    CLEAR,
    RAIN,
    SNOWFALL,
    FOG
}
