package dev.latente.cli;

import dev.latente.mundo.evaluation.EdgeOverlap;
import dev.latente.pipelines.ControlNetCheckpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a ControlNet is measured, and with which edges. */
final class EdgeOptions {
    @Option(names = "--edges")
    boolean edges;

    @Option(names = "--controlnet", paramLabel = "MODEL", descriptionKey = "evaluate.controlnet")
    @Nullable
    String net;

    @Option(
            names = "--control-canny",
            paramLabel = "LOW,HIGH",
            split = ",",
            arity = "1",
            descriptionKey = "evaluate.control-canny")
    double @Nullable [] canny;

    void check() {
        if (edges != (net != null) || (canny != null && !edges)) {
            throw new IllegalArgumentException(Main.message("edges.alone"));
        }
        ControlOptions.checkThresholds(canny);
    }

    EdgeOverlap.Canny canny() {
        return canny == null ? new EdgeOverlap.Canny(100, 200) : new EdgeOverlap.Canny(canny[0], canny[1]);
    }

    ControlNetCheckpoint load(ModelOptions model, Console console) {
        return ControlNetCheckpoint.load(model.resolve(Objects.requireNonNull(net), console), model.options());
    }
}
