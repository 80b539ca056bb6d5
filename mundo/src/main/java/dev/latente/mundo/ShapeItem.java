package dev.latente.mundo;

/** A shape in a colour and a size. */
public record ShapeItem(ShapeKind kind, Colour colour, Size size) {}
