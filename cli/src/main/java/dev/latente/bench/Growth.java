package dev.latente.bench;

import dev.latente.pipelines.MemoryBudget;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How time and memory grow with the size of pictures, with how many are drawn at once and with threads: for a guided call of
 * the U-Net or transformer and for decoding.
 *
 * @param sides of square pictures in pixels
 * @param batches pictures at once
 * @param threads of the arithmetic
 * @param limit bytes that may be resident; what would take more is left out
 */
public record Growth(List<Integer> sides, List<Integer> batches, List<Integer> threads, long limit) {
    public Growth {
        sides = List.copyOf(sides);
        batches = List.copyOf(batches);
        threads = List.copyOf(threads);
    }

    /**
     * One measurement.
     *
     * @param seconds median; 0 if it was left out
     * @param memory largest resident memory in bytes; an estimate if it was left out
     */
    public record Cell(String part, int side, int batch, int threads, double seconds, long flop, long memory) {
        public boolean leftOut() {
            return seconds == 0;
        }

        /** Seconds for a million pixels of one picture: the same in every cell if cost grew with the pixels alone. */
        public double perMegapixel() {
            return seconds / batch / side / side * 1e6;
        }

        /** Operations in a nanosecond: the same in every cell if cost grew with the operations, as it should. */
        public double rate() {
            return flop / seconds / 1e9;
        }

        public Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("part", part);
            map.put("side", side);
            map.put("batch", batch);
            map.put("threads", threads);
            map.put("flop", flop);
            if (leftOut()) {
                map.put("neededMemory", memory);
            } else {
                map.put("medianSeconds", seconds);
                map.put("secondsPerMegapixel", perMegapixel());
                map.put("peakMemory", memory);
            }
            return map;
        }
    }

    /**
     * Measures all cells, the smallest pictures first.
     *
     * @param repeat times each, after a warm-up
     */
    public void run(Parts parts, int repeat, Consumer<Cell> listener) {
        int before = Ops.threads();
        try {
            for (int side : sides) {
                for (int batch : batches) {
                    for (int count : threads) {
                        Ops.setThreads(count);
                        Scopes.run(() -> cells(parts, side, batch, count, repeat, listener));
                    }
                }
            }
        } finally {
            Ops.setThreads(before);
        }
    }

    private void cells(Parts parts, int side, int batch, int count, int repeat, Consumer<Cell> listener) {
        Size size = new Size(side, side);
        Workload workload = new Workload(parts, size, batch);
        long step = parts.denoiser().working(parts.dtype(), workload.height(), workload.width(), batch);
        listener.accept(cell(workload.step(), side, batch, count, repeat, step));
        long decode = MemoryBudget.ofDecode(parts.vae().config(), parts.dtype(), size);
        listener.accept(cell(workload.decode(), side, batch, count, repeat, decode));
    }

    private Cell cell(Workload.Task task, int side, int batch, int count, int repeat, long working) {
        Memory.resetPeak();
        long needed = Memory.resident() + working;
        if (needed > limit) {
            return new Cell(task.name(), side, batch, count, 0, task.flop().total(), needed);
        }
        double seconds = Benchmark.time(task.body(), repeat);
        return new Cell(task.name(), side, batch, count, seconds, task.flop().total(), Memory.peak());
    }
}
