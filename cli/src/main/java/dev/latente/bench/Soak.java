package dev.latente.bench;

import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.tensor.Memory;
import java.util.function.BiConsumer;

/** Many small pictures in one process: memory must not grow. */
public final class Soak {
    /** The heap and the allocator have found their sizes by then. */
    private static final int SETTLED = 200;

    private Soak() {}

    /**
     * Draws.
     *
     * @param listener told of the number of a run and of resident memory in bytes, every 100 runs
     * @return by how much resident memory grew between run 200 and the last, as a fraction
     */
    public static double run(Checkpoint checkpoint, Request request, int runs, BiConsumer<Integer, Long> listener) {
        TextToImage pipeline = new TextToImage(checkpoint);
        long settled = 0;
        for (int run = 1; run <= runs; run++) {
            pipeline.generate(request.withSeed(run));
            if (run % 100 == 0 || run == runs) {
                System.gc();
                long resident = Memory.resident();
                listener.accept(run, resident);
                settled = run <= SETTLED ? resident : settled;
                if (run == runs) {
                    return (double) resident / (double) settled - 1;
                }
            }
        }
        return 0;
    }
}
