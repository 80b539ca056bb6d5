package dev.latente.mundo;

/** A plane figure that a caption names. */
public enum ShapeKind {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    HEART,
    DIAMOND
}
