package dev.latente.cli;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Companion;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlNetCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Pictures that steer by ControlNets: every option may be repeated, and its n-th value is for the n-th net. */
final class ControlOptions {
    @Option(names = "--controlnet", paramLabel = "MODEL")
    List<String> nets = new ArrayList<>();

    @Option(names = "--control-image", paramLabel = "PICTURE")
    List<Path> images = new ArrayList<>();

    @Option(names = "--control-mask", paramLabel = "PICTURE")
    List<Path> masks = new ArrayList<>();

    @Option(names = "--control-scale", paramLabel = "N")
    List<Double> scales = new ArrayList<>();

    @Option(names = "--control-from", paramLabel = "F")
    List<Double> from = new ArrayList<>();

    @Option(names = "--control-to", paramLabel = "F")
    List<Double> to = new ArrayList<>();

    @Option(names = "--control-canny", paramLabel = "LOW,HIGH", split = ",", arity = "1")
    double @Nullable [] canny;

    @Option(names = "--control-guess")
    boolean guess;

    Steered steered() {
        return new Steered("--controlnet", "--control", nets, images, scales, from, to);
    }

    /** Loads the nets of the command, each of which {@code guides} closes. */
    void load(ModelOptions model, Console console, Guides guides) {
        steered().check();
        if (masks.size() > nets.size()) {
            throw new IllegalArgumentException(
                    "--control-mask: got [%d], wanted at most one for each of [%d] --controlnet"
                            .formatted(masks.size(), nets.size()));
        }
        checkThresholds(canny);
        for (String net : nets) {
            guides.nets().add(ControlNetCheckpoint.load(model.resolve(net, console), model.options()));
        }
    }

    List<Companion> companions(ModelOptions model, Console console) {
        return nets.stream()
                .map(net -> Companion.controlNet(model.resolve(net, console), model.options()))
                .toList();
    }

    static void checkThresholds(double @Nullable [] canny) {
        if (canny != null && canny.length != 2) {
            throw new IllegalArgumentException(
                    "--control-canny: got [%d] numbers, wanted LOW,HIGH such as 100,200".formatted(canny.length));
        }
    }

    List<Control> of(Guides guides) {
        List<Control> controls = new ArrayList<>();
        for (Control control : steered().of(guides.nets(), this::shown)) {
            int i = controls.size();
            Picture mask = i < masks.size() ? PictureFiles.read(masks.get(i)) : null;
            controls.add(control.withGuess(guess).withHidden(mask));
        }
        return controls;
    }

    private Picture shown(Picture picture) {
        return canny == null ? picture : Edges.canny(picture, canny[0], canny[1]);
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>(steered().arguments());
        masks.forEach(value -> ModelOptions.add(out, "--control-mask", value));
        ModelOptions.add(out, "--control-canny", canny == null ? null : canny[0] + "," + canny[1]);
        if (guess) {
            out.add("--control-guess");
        }
        return out;
    }
}
