package dev.latente.training.data;

import java.util.function.Supplier;

/** An example that cannot be learned from. A loader counts it and takes another; it never ends a run. */
public final class UnreadableExampleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String reason;

    public UnreadableExampleException(String name, String reason) {
        super(name + ": " + reason);
        this.name = name;
        this.reason = reason;
    }

    private UnreadableExampleException(String name, RuntimeException cause) {
        this(name, reason(name, cause));
        initCause(cause);
    }

    public Skipped skipped() {
        return new Skipped(name, reason);
    }

    /** Runs what decodes a picture: decoders throw anything when they meet broken files. */
    static <T> T naming(String name, Supplier<T> decode) {
        try {
            return decode.get();
        } catch (UnreadableExampleException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UnreadableExampleException(name, e);
        }
    }

    private static String reason(String name, RuntimeException e) {
        String text = e.getMessage();
        if (text == null) {
            return e.getClass().getSimpleName();
        }
        String prefix = name + ": ";
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }
}
