package dev.latente.cli;

import dev.latente.image.Canvas;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.VaeImages.Fit;
import dev.latente.pipelines.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The picture that a run starts from. */
final class SourceOptions {
    @Option(
            names = {"-i", "--init"},
            paramLabel = "PICTURE")
    @Nullable
    Path init;

    @Option(names = "--mask", paramLabel = "PICTURE")
    @Nullable
    Path mask;

    @Option(names = "--outpaint", paramLabel = "LEFT,TOP,RIGHT,BOTTOM")
    @Nullable
    String outpaint;

    @Option(names = "--image-guidance", paramLabel = "N")
    @Nullable
    Double imageGuidance;

    @Option(names = "--strength", paramLabel = "S")
    @Nullable
    Double strength;

    @Option(names = "--fit", paramLabel = "NAME", defaultValue = "STRETCH")
    Fit fit = Fit.STRETCH;

    @Option(names = "--mask-blur", paramLabel = "PIXELS", defaultValue = "0")
    double maskBlur;

    @Option(names = "--only-masked", paramLabel = "PADDING", arity = "0..1", defaultValue = "-1", fallbackValue = "32")
    int onlyMasked = -1;

    Source of() {
        if (init == null) {
            throw new IllegalArgumentException(Main.message("mask.alone"));
        }
        Picture picture = PictureFiles.read(init);
        Picture masked = mask == null ? null : PictureFiles.read(mask);
        if (outpaint != null) {
            Canvas canvas = Canvas.parse(outpaint);
            masked = canvas.mask(picture, masked);
            picture = canvas.around(picture);
        }
        return Source.of(picture, usualStrength())
                .withFit(fit)
                .withMask(masked)
                .withMaskBlur(maskBlur)
                .withOnlyMasked(onlyMasked);
    }

    private double usualStrength() {
        return strength == null ? (mask == null && outpaint == null ? 0.8 : 1) : strength;
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        if (init != null) {
            ModelOptions.add(out, "--init", init);
            ModelOptions.add(out, "--mask", mask);
            ModelOptions.add(out, "--outpaint", outpaint);
            ModelOptions.add(out, "--image-guidance", imageGuidance);
            ModelOptions.add(out, "--strength", usualStrength());
            ModelOptions.add(out, "--fit", fit.name());
            ModelOptions.add(out, "--mask-blur", maskBlur);
            ModelOptions.add(out, "--only-masked", onlyMasked);
        }
        return out;
    }
}
