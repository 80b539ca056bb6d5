package dev.latente.cli;

import dev.latente.pipelines.MemoryBudget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A budget of memory in words and as JSON, and what became of it. */
record MemoryReport(MemoryBudget budget) {
    /** A line for each thing that takes memory. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(Main.message("memory.budget")));
        for (MemoryBudget.Part part : budget.parts()) {
            String dtype = part.dtype().name().toLowerCase(Locale.ROOT);
            lines.add(line(Main.message("memory.weights", part.name(), dtype), part.bytes()));
        }
        if (budget.residency().kept() < Long.MAX_VALUE) {
            lines.add(line(Main.message("memory.room"), budget.ready()));
        }
        lines.add(line(Main.message("memory.step"), budget.step()));
        lines.add(line(
                Main.message(budget.tiled() ? "memory.tile" : "memory.decode"),
                budget.tiled() ? budget.tile() : budget.decode()));
        lines.add(line(Main.message("memory.heap"), budget.heap()));
        lines.add(line(Main.message("memory.libraries"), budget.libraries()));
        lines.add(line(Main.message("memory.loading"), budget.loading()));
        lines.add(line(Main.message("memory.drawing"), budget.drawing()));
        return lines;
    }

    /**
     * The truth, beside the budget.
     *
     * @param loading the most that was resident until the checkpoint was loaded; 0 if none was
     * @param drawing the most that was resident after that
     */
    List<String> truth(long loading, long drawing) {
        List<String> lines = new ArrayList<>();
        if (loading > 0) {
            lines.add(truth(Main.message("memory.loading"), loading, budget.loading()));
        }
        lines.add(truth(Main.message("memory.drawing"), drawing, budget.drawing()));
        return lines;
    }

    private static String truth(String when, long peak, long estimated) {
        double off = 100.0 * (estimated - peak) / peak;
        return Main.message("memory.truth", when, peak / 1e9, estimated / 1e9, off);
    }

    /** In bytes. */
    Map<String, Object> toMap(long loading, long drawing) {
        Map<String, Object> weights = new LinkedHashMap<>();
        budget.parts().forEach(part -> weights.put(part.name(), part.bytes()));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("weights", weights);
        map.put("step", budget.step());
        map.put("decode", budget.decode());
        map.put("heap", budget.heap());
        map.put("libraries", budget.libraries());
        map.put("loading", budget.loading());
        map.put("drawing", budget.drawing());
        if (loading > 0) {
            map.put("peakLoading", loading);
        }
        map.put("peakDrawing", drawing);
        return map;
    }

    private static String line(String name, long bytes) {
        return String.format(Locale.ROOT, "  %-38s %8.2f GB", name, bytes / 1e9);
    }
}
