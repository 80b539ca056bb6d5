package dev.latente.tensor;

/** The native libraries. */
public final class Natives {
    private Natives() {}

    /**
     * Loads them, and finds out what this processor has kernels for, which else happens when something is computed for the
     * first time. It takes half a second, so a program may have a thread do it while it does something else; no other thread
     * may use tensors before it is done.
     *
     * @throws UnsatisfiedLinkError if there are none for this machine
     */
    public static void load() {
        Scopes.run(() -> Ops.to(Ops.zeros(DType.F32, Device.CPU, 1), DType.BF16));
        WeightLayout.PREPARED.prepares(DType.BF16, Device.CPU);
    }
}
