package dev.latente.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long something took.
 *
 * @param medianSeconds of all repetitions, after a warm-up
 * @param flop floating point operations, or 0 where they are not the point
 * @param bytes moved, or 0
 * @param share of the machine's peak in this dtype, or 0
 * @param peakMemory largest resident memory of the process so far, in bytes
 */
public record Measurement(String name, double medianSeconds, long flop, long bytes, double share, long peakMemory) {
    /** Operations or bytes in a nanosecond: GFLOP/s or GB/s. */
    public double rate() {
        return (double) (flop > 0 ? flop : bytes) / medianSeconds / 1e9;
    }

    /** As JSON has it; without what is 0. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("medianSeconds", medianSeconds);
        if (flop > 0) {
            map.put("flop", flop);
        }
        if (bytes > 0) {
            map.put("bytes", bytes);
        }
        if (share > 0) {
            map.put("share", share);
        }
        map.put("peakMemory", peakMemory);
        return map;
    }
}
