package dev.latente.training;

/** A run whose loss is no number any more: it stops before that reaches the weights. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DivergedException(String message) {
        super(message);
    }
}
