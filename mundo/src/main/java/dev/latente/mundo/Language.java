package dev.latente.mundo;

/** A language that captions are written in. */
public enum Language {
    ENGLISH,
    SPANISH
}
