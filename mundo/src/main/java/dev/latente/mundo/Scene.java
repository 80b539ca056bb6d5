package dev.latente.mundo;

/** What a picture shows: everything that its captions may say, and nothing else. */
public sealed interface Scene {

    /** A rider on a mount. */
    record Ride(Subject rider, Mount mount, Setting setting) implements Scene {}

    /** One subject on its feet. */
    record Portrait(Subject subject, Pose pose, Setting setting) implements Scene {}

    /** A mount without a rider. */
    record Alone(Mount mount, Setting setting) implements Scene {}

    /** One thing in a place. */
    record Still(Thing thing, Colour colour, Setting setting) implements Scene {}

    /** One thing before a plain background in a soft tone of a colour. */
    record Studio(Thing thing, Colour colour, Colour background) implements Scene {}

    /** One to four copies of a shape on a soft background. */
    record Group(int count, ShapeItem item, Colour background) implements Scene {}

    /** Two shapes on a soft background, the first above, below, left of, right of or inside the second. */
    record Pair(ShapeItem first, Relation relation, ShapeItem second, Colour background) implements Scene {}
}
