package dev.latente.cli;

import dev.latente.pipelines.Companion;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.T2IAdapterCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Pictures that steer by T2I-Adapters: every option may be repeated, and its n-th value is for the n-th adapter. */
final class T2IOptions {
    @Option(names = "--t2i-adapter", paramLabel = "MODEL")
    List<String> adapters = new ArrayList<>();

    @Option(names = "--t2i-image", paramLabel = "PICTURE")
    List<Path> images = new ArrayList<>();

    @Option(names = "--t2i-scale", paramLabel = "N")
    List<Double> scales = new ArrayList<>();

    @Option(names = "--t2i-from", paramLabel = "F")
    List<Double> from = new ArrayList<>();

    @Option(names = "--t2i-to", paramLabel = "F")
    List<Double> to = new ArrayList<>();

    Steered steered() {
        return new Steered("--t2i-adapter", "--t2i", adapters, images, scales, from, to);
    }

    /** Loads the adapters of the command, each of which {@code guides} closes. */
    void load(ModelOptions model, Console console, Guides guides) {
        steered().check();
        for (String adapter : adapters) {
            guides.adapters().add(T2IAdapterCheckpoint.load(model.resolve(adapter, console), model.options()));
        }
    }

    List<Companion> companions(ModelOptions model, Console console) {
        return adapters.stream()
                .map(adapter -> Companion.t2iAdapter(model.resolve(adapter, console), model.options()))
                .toList();
    }

    List<Control> of(Guides guides) {
        return steered().of(guides.adapters(), picture -> picture);
    }

    List<String> arguments() {
        return steered().arguments();
    }
}
