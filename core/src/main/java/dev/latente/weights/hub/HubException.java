package dev.latente.weights.hub;

import org.jspecify.annotations.Nullable;

/** Something that the Hub or the cache does not give: one line with what was asked, what came, and what to do. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        this(message, null);
    }

    public HubException(String message, @Nullable Throwable cause) {
        super(line(message), cause);
    }

    private static String line(String text) {
        // Names and headers come from the server: control characters must not reach a terminal.
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 600 ? clean : clean.substring(0, 600) + "…";
    }
}
