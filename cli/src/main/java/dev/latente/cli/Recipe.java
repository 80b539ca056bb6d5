package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Infotext;
import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a picture tells of how it was made: a line for other tools ({@link Infotext}), and below the keyword
 * {@code latente} the command line that makes it again, as a JSON list.
 */
final class Recipe {
    static final String KEYWORD = "latente";

    private Recipe() {}

    /** The arguments of {@code generate} that make this picture; the prompt is the last. */
    static List<String> arguments(GenerateCommand c, long seed, int index) {
        List<String> out = new ArrayList<>();
        boolean alone = c.batch == 1;
        ModelOptions.add(out, "--seed", alone ? seed + index : seed);
        if (!alone) {
            ModelOptions.add(out, "--batch", c.batch);
        }
        if (c.oneGenerator) {
            out.add("--one-generator");
        }
        out.addAll(c.model.arguments());
        out.addAll(c.adapters.arguments());
        out.addAll(c.prompts.arguments());
        out.addAll(c.sampling.arguments());
        out.addAll(c.source.arguments());
        out.addAll(c.control.arguments());
        out.addAll(c.canvas.arguments());
        out.addAll(c.chain.arguments());
        out.addAll(c.t2i.arguments());
        out.addAll(c.picturePrompts.arguments());
        if (c.hires != null) {
            ModelOptions.add(out, "--hires", c.hires);
            ModelOptions.add(out, "--hires-strength", c.hiresStrength);
            ModelOptions.add(out, "--hires-upscaler", c.hiresUpscaler);
        }
        if (c.refiner != null) {
            ModelOptions.add(out, "--refiner", c.refiner);
            ModelOptions.add(out, "--refiner-at", c.refinerAt);
        }
        out.addAll(List.of("--", c.prompt == null ? "" : c.prompt));
        return out;
    }

    /** The line for other tools. */
    static Infotext infotext(GenerateCommand c, Checkpoint checkpoint, Picture picture, long seed) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("Steps", Integer.toString(c.sampling.steps == null ? checkpoint.usualSteps() : c.sampling.steps));
        settings.put(
                "Sampler", c.sampling.sampler == null ? checkpoint.scheduler().className() : c.sampling.sampler);
        if (c.sampling.schedule != null) {
            settings.put("Schedule type", c.sampling.schedule);
        }
        settings.put(
                "CFG scale",
                number(c.sampling.guidance == null ? checkpoint.usualGuiding().scale() : c.sampling.guidance));
        settings.put("Seed", Long.toString(seed));
        settings.put("Size", picture.width() + "x" + picture.height());
        settings.put("Model", Path.of(c.model.required()).normalize().toString());
        if (c.prompts.clipSkip > 0) {
            settings.put("Clip skip", Integer.toString(c.prompts.clipSkip + 1));
        }
        if (c.source.init != null) {
            settings.put("Denoising strength", number(c.source.of().strength()));
        }
        settings.put("Version", "latente " + Main.VERSION);
        return new Infotext(
                c.prompt == null ? "" : c.prompt, c.prompts.negative == null ? "" : c.prompts.negative, settings);
    }

    /**
     * The arguments that a picture carries, the prompt last; of another tool's picture, what its parameters tell.
     *
     * @throws IllegalArgumentException if it carries none
     */
    static List<String> read(Path picture) {
        Map<String, String> text = PictureFiles.text(picture);
        if (text.containsKey(KEYWORD)) {
            List<String> out = new ArrayList<>();
            for (JsonNode argument : Json.parse(text.get(KEYWORD))) {
                out.add(argument.asString());
            }
            return out;
        }
        if (!text.containsKey(Infotext.KEYWORD)) {
            throw new IllegalArgumentException(Main.message("no.parameters", picture));
        }
        return arguments(Infotext.parse(text.get(Infotext.KEYWORD)));
    }

    private static List<String> arguments(Infotext info) {
        Map<String, String> s = info.settings();
        List<String> out = new ArrayList<>();
        ModelOptions.add(out, "--negative", info.negative());
        ModelOptions.add(out, "--steps", s.get("Steps"));
        ModelOptions.add(out, "--sampler", s.get("Sampler"));
        @Nullable String schedule = s.get("Schedule type");
        ModelOptions.add(out, "--schedule", "Automatic".equals(schedule) ? null : schedule);
        ModelOptions.add(out, "--guidance", s.get("CFG scale"));
        ModelOptions.add(out, "--seed", s.get("Seed"));
        ModelOptions.add(out, "--size", s.get("Size"));
        ModelOptions.add(out, "--strength", s.get("Denoising strength"));
        if (s.containsKey("Clip skip")) {
            ModelOptions.add(out, "--clip-skip", Integer.parseInt(s.get("Clip skip")) - 1);
        }
        out.addAll(List.of("--", info.prompt()));
        return out;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
