package dev.latente.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long something took.
 *
 * @param medianSeconds of all repetitions, after a warm-up
 * @param flop floating point operations, or 0 where they are not the point
 * @param bytes moved, or 0
 * @param peakMemory largest resident memory of the process meanwhile, in bytes; so far, where the system cannot reset it
 * @param breakdown where the time of one more run went, or null
 */
public record Measurement(
        String name,
        double medianSeconds,
        long flop,
        long bytes,
        long peakMemory,
        @Nullable Breakdown breakdown) {
    /** Operations or bytes in a nanosecond: GFLOP/s or GB/s. */
    public double rate() {
        return (double) (flop > 0 ? flop : bytes) / medianSeconds / 1e9;
    }

    /** The part of a peak, in operations each second; 0 where operations are not the point or there is no peak. */
    public double share(double peak) {
        return flop == 0 || peak == 0 ? 0 : flop / medianSeconds / peak;
    }

    /** As JSON has it; without what is 0. */
    public Map<String, Object> toMap(double peak) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("medianSeconds", medianSeconds);
        if (flop > 0) {
            map.put("flop", flop);
        }
        if (bytes > 0) {
            map.put("bytes", bytes);
        }
        if (share(peak) > 0) {
            map.put("share", share(peak));
        }
        map.put("peakMemory", peakMemory);
        if (breakdown != null) {
            map.put("kinds", breakdown.toMap(peak));
        }
        return map;
    }
}
