package dev.latente.cli;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
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

    /** The nets of a command. */
    record Nets(List<ControlNetCheckpoint> all) implements AutoCloseable {
        @Override
        public void close() {
            all.forEach(ControlNetCheckpoint::close);
        }
    }

    Nets load(ModelOptions model, Console console) {
        check();
        Nets loaded = new Nets(new ArrayList<>());
        try {
            for (String net : nets) {
                loaded.all.add(ControlNetCheckpoint.load(model.resolve(net, console), model.options()));
            }
            return loaded;
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    private void check() {
        if (images.size() != nets.size()) {
            throw new IllegalArgumentException("--control-image: got [%d], wanted one for each of [%d] --controlnet"
                    .formatted(images.size(), nets.size()));
        }
        int most = Math.max(scales.size(), Math.max(from.size(), to.size()));
        if (most > nets.size()) {
            throw new IllegalArgumentException(
                    "--control-scale, --control-from, --control-to: got [%d], wanted at most one for each of [%d] --controlnet"
                            .formatted(most, nets.size()));
        }
        checkThresholds(canny);
    }

    static void checkThresholds(double @Nullable [] canny) {
        if (canny != null && canny.length != 2) {
            throw new IllegalArgumentException(
                    "--control-canny: got [%d] numbers, wanted LOW,HIGH such as 100,200".formatted(canny.length));
        }
    }

    List<Control> of(Nets loaded) {
        List<Control> controls = new ArrayList<>();
        for (int i = 0; i < loaded.all.size(); i++) {
            Picture picture = PictureFiles.read(images.get(i));
            Picture shown = canny == null ? picture : Edges.canny(picture, canny[0], canny[1]);
            controls.add(Control.of(loaded.all.get(i), shown)
                    .withScale(at(scales, i, 1))
                    .withInterval(at(from, i, 0), at(to, i, 1))
                    .withGuess(guess));
        }
        return controls;
    }

    private static double at(List<Double> values, int index, double standard) {
        return index < values.size() ? values.get(index) : standard;
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        nets.forEach(value -> ModelOptions.add(out, "--controlnet", value));
        images.forEach(value -> ModelOptions.add(out, "--control-image", value));
        scales.forEach(value -> ModelOptions.add(out, "--control-scale", value));
        from.forEach(value -> ModelOptions.add(out, "--control-from", value));
        to.forEach(value -> ModelOptions.add(out, "--control-to", value));
        ModelOptions.add(out, "--control-canny", canny == null ? null : canny[0] + "," + canny[1]);
        if (guess) {
            out.add("--control-guess");
        }
        return out;
    }
}
