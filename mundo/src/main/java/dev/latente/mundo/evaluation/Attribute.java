package dev.latente.mundo.evaluation;

/** What a prompt says about a picture and can be checked. The colour is that of shapes: nobody judges that of things. */
public enum Attribute {
    PLACE,
    SUBJECT,
    MOUNT,
    THING,
    SHAPE,
    COLOUR,
    COUNT,
    RELATION
}
