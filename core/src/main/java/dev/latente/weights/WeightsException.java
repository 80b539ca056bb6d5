package dev.latente.weights;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A checkpoint that cannot be used: one line with the file, the tensor where there is one, and what is wrong. */
public final class WeightsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WeightsException(String message) {
        super(message);
    }

    public WeightsException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@code file: tensor [name]: what}; the tensor may be null. */
    public WeightsException(Path file, @Nullable String tensor, String what) {
        super(line(file, tensor, what));
    }

    public WeightsException(Path file, @Nullable String tensor, String what, Throwable cause) {
        super(line(file, tensor, what), cause);
    }

    private static String line(Path file, @Nullable String tensor, String what) {
        String text =
                tensor == null ? "%s: %s".formatted(file, what) : "%s: tensor [%s]: %s".formatted(file, tensor, what);
        // Names come from the file: control characters must not reach a terminal, and a long one must not fill it.
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 600 ? clean : clean.substring(0, 600) + "…";
    }
}
