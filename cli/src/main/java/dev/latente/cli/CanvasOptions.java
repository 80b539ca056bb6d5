package dev.latente.cli;

import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Views;
import dev.latente.pipelines.Views.RegionPrompt;
import dev.latente.pipelines.Views.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Parts of the canvas that are drawn for themselves. */
final class CanvasOptions {
    private static final String USUAL = "auto";

    @Option(names = "--tiled-diffusion", paramLabel = "SIDE[,OVERLAP]", arity = "0..1", fallbackValue = USUAL)
    @Nullable
    String window;

    @Option(names = "--region", paramLabel = "X,Y,W,H: PROMPT", arity = "1")
    List<String> regions = new ArrayList<>();

    Views of(Checkpoint checkpoint) {
        return Views.WHOLE
                .withWindow(window == null ? null : window(window, checkpoint))
                .withRegions(regions.stream().map(RegionPrompt::parse).toList());
    }

    /** Of the size that the model was trained on, where none is given. */
    private static Window window(String text, Checkpoint checkpoint) {
        return Window.parse(text.equals(USUAL) ? "" + checkpoint.usualSize().width() : text);
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        ModelOptions.add(out, "--tiled-diffusion", window);
        regions.forEach(region -> ModelOptions.add(out, "--region", region));
        return out;
    }
}
