package dev.latente.weights.pickle;

/** What is wrong with the bytes; the reader of the file adds its name. */
final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
        super(what);
    }
}
