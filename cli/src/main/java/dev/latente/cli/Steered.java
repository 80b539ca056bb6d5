package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Networks of one kind and what steers them: the n-th value of an option is for the n-th net.
 *
 * @param option that names a net
 * @param prefix of the other options
 */
record Steered(
        String option,
        String prefix,
        List<String> nets,
        List<Path> images,
        List<Double> scales,
        List<Double> from,
        List<Double> to) {

    void check() {
        if (images.size() != nets.size()) {
            throw new IllegalArgumentException("%s-image: got [%d], wanted one for each of [%d] %s"
                    .formatted(prefix, images.size(), nets.size(), option));
        }
        int most = Math.max(scales.size(), Math.max(from.size(), to.size()));
        if (most > nets.size()) {
            throw new IllegalArgumentException(
                    "%s-scale, %s-from, %s-to: got [%d], wanted at most one for each of [%d] %s"
                            .formatted(prefix, prefix, prefix, most, nets.size(), option));
        }
    }

    List<Control> of(List<? extends ControlModel> loaded, UnaryOperator<Picture> shown) {
        List<Control> controls = new ArrayList<>();
        for (int i = 0; i < loaded.size(); i++) {
            controls.add(Control.of(loaded.get(i), shown.apply(PictureFiles.read(images.get(i))))
                    .withScale(at(scales, i, 1))
                    .withInterval(at(from, i, 0), at(to, i, 1)));
        }
        return controls;
    }

    private static double at(List<Double> values, int index, double standard) {
        return index < values.size() ? values.get(index) : standard;
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        nets.forEach(value -> ModelOptions.add(out, option, value));
        images.forEach(value -> ModelOptions.add(out, prefix + "-image", value));
        scales.forEach(value -> ModelOptions.add(out, prefix + "-scale", value));
        from.forEach(value -> ModelOptions.add(out, prefix + "-from", value));
        to.forEach(value -> ModelOptions.add(out, prefix + "-to", value));
        return out;
    }
}
