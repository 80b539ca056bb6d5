package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.pipelines.Chain;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A picture, and what each step of its chain did to it. */
record Drawn(Picture picture, List<Chain.Link> chain) {
    /** What {@code --json} says of it. */
    Map<String, Object> entry(Path file, long seed, double seconds) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("file", file.toString());
        entry.put("seed", seed);
        entry.put("width", picture.width());
        entry.put("height", picture.height());
        entry.put("seconds", Math.round(seconds * 1000) / 1000.0);
        if (!chain.isEmpty()) {
            entry.put("chain", ChainOptions.record(chain));
        }
        return entry;
    }
}
