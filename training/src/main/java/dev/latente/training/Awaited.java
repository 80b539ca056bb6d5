package dev.latente.training;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;

/** Waits for other threads as if their work were done here. */
public final class Awaited {
    /** A wait for something that may have failed on another thread. */
    @FunctionalInterface
    public interface Wait<T> {
        T end() throws InterruptedException, ExecutionException;
    }

    private Awaited() {}

    /**
     * What is waited for; what another thread threw is thrown here.
     *
     * @param where in the middle of which work this thread may be interrupted
     * @throws CancellationException if it is
     */
    public static <T> T of(Wait<T> wait, String where) {
        try {
            return wait.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException stopped = new CancellationException("interrupted " + where);
            stopped.initCause(e);
            throw stopped;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
