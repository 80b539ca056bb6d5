package dev.latente.cli;

import dev.latente.bench.Growth;
import dev.latente.tensor.Memory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether, and over what, {@code bench} measures how cost grows. */
final class GrowOptions {
    @Option(names = "--grow", descriptionKey = "grow")
    boolean wanted;

    @Option(
            names = "--grow-sizes",
            paramLabel = "PIXELS",
            split = ",",
            defaultValue = "256,384,512,768,1024",
            descriptionKey = "grow.sizes")
    List<Integer> sizes = List.of();

    @Option(
            names = "--grow-batches",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8",
            descriptionKey = "grow.batches")
    List<Integer> batches = List.of();

    @Option(
            names = "--grow-threads",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2",
            descriptionKey = "grow.threads")
    List<Integer> threads = List.of();

    @Option(names = "--grow-limit", paramLabel = "GB", descriptionKey = "grow.limit")
    @Nullable
    Double limit;

    Growth of() {
        for (List<Integer> each : List.of(sizes, batches, threads)) {
            if (each.stream().anyMatch(n -> n < 1)) {
                throw new IllegalArgumentException(
                        "--grow-sizes, --grow-batches, --grow-threads: got %s, wanted positive numbers"
                                .formatted(each));
            }
        }
        long available = Memory.resident() + Memory.available();
        return new Growth(sizes, batches, threads, limit == null ? available : Math.round(limit * 1e9));
    }
}
