package dev.latente.mundo;

/** Where the first of two shapes is, seen from the second. */
public enum Relation {
    ABOVE,
    BELOW,
    LEFT_OF,
    RIGHT_OF,
    INSIDE
}
