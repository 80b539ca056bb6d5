package dev.latente.pipelines;

import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Tensor;

/**
 * Told of each model call of a run, on the thread that runs it. To cancel, throw: {@link #stopWhenInterrupted} does so when
 * the thread is interrupted.
 */
@FunctionalInterface
public interface Progress {
    /** Says nothing, and stops for nothing. */
    Progress NONE = (call, calls, latents) -> {};

    /**
     * After a model call.
     *
     * @param call from 1
     * @param calls how many there will be
     * @param latents as they are now [B,C,h,w]; valid during the call only. {@link Checkpoint#preview} makes a picture of them
     */
    void onCall(int call, int calls, Tensor latents);

    /**
     * This listener, and the end of the run within one step after the thread was interrupted.
     *
     * @throws CancellationException out of the run
     */
    default Progress stopWhenInterrupted() {
        return (call, calls, latents) -> {
            onCall(call, calls, latents);
            if (Thread.interrupted()) {
                throw new CancellationException("stopped after model call %d of %d".formatted(call, calls));
            }
        };
    }
}
