package dev.latente.tensor;

/** Memory of the process when the collector is done: it gives the heap's pages back some time after it has run. */
public final class Settled {
    private static final int LOOKS = 20;
    private static final long PAUSE_MILLIS = 50;

    private Settled() {}

    /** Resident memory in bytes, the least of a second after a collection. */
    public static long resident() throws InterruptedException {
        System.gc();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < LOOKS; i++) {
            least = Math.min(least, Memory.resident());
            Thread.sleep(PAUSE_MILLIS);
        }
        return least;
    }
}
