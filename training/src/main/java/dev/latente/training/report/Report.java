package dev.latente.training.report;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.Memory;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The folder {@code report/} of a run: {@code index.html} with {@code loss.png}, {@code lr.png}, {@code gradient.png},
 * {@code samples.png} and the samples of earlier steps. Drawn anew at samples and every minute, from the run's log.
 */
public final class Report implements TrainingListener {
    private static final double SECONDS_BETWEEN = 60;
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 560;
    private static final int EARLIER = 12;

    private final Path run;
    private final Path folder;
    private final JsonNode recipe;
    private final Speed speed;
    private final List<String> warnings = new ArrayList<>();
    private double drawn;

    /**
     * A page about a run.
     *
     * @param run folder of the run
     * @param recipe shown as it is
     */
    public Report(Path run, JsonNode recipe, Speed speed) {
        this.run = run;
        this.recipe = recipe;
        this.speed = speed;
        folder = run.resolve("report");
    }

    @Override
    public void started(TrainingConfig config, long done) {
        // At once, so that a machine that cannot draw says so now and not after a minute of training.
        update(true);
    }

    @Override
    public void step(Step step) {
        if (speed.seconds() - drawn >= SECONDS_BETWEEN) {
            update(true);
        }
    }

    @Override
    public void warning(String message) {
        warnings.add(message);
    }

    @Override
    public void finished(Trainer trained) {
        update(false);
    }

    /** Pictures that were drawn after a step. */
    public void pictures(List<Drawn> pictures, long step) {
        BufferedImage image = Gallery.draw(String.format(Locale.ROOT, "Samples at step %,d", step), pictures);
        write("samples.png", image);
        write("samples/step-%08d.png".formatted(step), image);
        update(true);
    }

    private void update(boolean goesOn) {
        drawn = speed.seconds();
        List<Curve> curves = Curve.read(run.resolve("log.jsonl"), List.of("loss", "lr", "grad_norm"));
        Curve loss = curves.get(0);
        write("loss.png", smoothed("Loss", loss).draw(WIDTH, HEIGHT));
        write(
                "gradient.png",
                smoothed("Norm of the gradient, before clipping", curves.get(2)).draw(WIDTH, HEIGHT));
        Chart.Line rate = line("learning rate", true, curves.get(1));
        write("lr.png", new Chart("Learning rate", last(curves.get(1)), List.of(rate)).draw(WIDTH, HEIGHT / 2));
        page(goesOn, loss.smooth().last());
    }

    private static Chart smoothed(String title, Curve curve) {
        Curve smooth = curve.smooth();
        return new Chart(title, last(smooth), List.of(line("each step", false, curve), line("smoothed", true, smooth)));
    }

    private static Chart.Line line(String name, boolean strong, Curve curve) {
        return new Chart.Line(
                name, strong ? Chart.STRONG : Chart.PALE, strong ? 2.6f : 1.2f, curve.steps(), curve.values());
    }

    private static String last(Curve curve) {
        int n = curve.steps().length;
        return n == 0
                ? "no step is done yet"
                : String.format(Locale.ROOT, "%.4g after %,.0f steps", curve.last(), curve.steps()[n - 1]);
    }

    private void page(boolean goesOn, double loss) {
        Map<String, String> numbers = new LinkedHashMap<>();
        numbers.put("step", String.format(Locale.ROOT, "%,d of %,d", speed.done(), speed.steps()));
        numbers.put("loss, smoothed", String.format(Locale.ROOT, "%.4f", loss));
        numbers.put("images per second", String.format(Locale.ROOT, "%.1f", speed.imagesPerSecond()));
        numbers.put("running for", Speed.clock(speed.seconds()));
        numbers.put("time left", goesOn ? Speed.clock(speed.secondsLeft()) : "—");
        numbers.put("memory", String.format(Locale.ROOT, "%.1f GB", Memory.resident() / 1e9));
        String name = run.toAbsolutePath().normalize().getFileName().toString();
        String html = new ReportPage(name, goesOn, speed.share(), numbers, warnings, samples(), recipe.toPrettyString())
                .html();
        write("index.html", html);
    }

    /** Files of samples, the newest first. */
    private List<String> samples() {
        Path samples = folder.resolve("samples");
        if (!Files.isDirectory(samples)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(samples)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.matches("step-\\d+\\.png"))
                    .sorted(Comparator.reverseOrder())
                    .limit(EARLIER)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String file, BufferedImage image) {
        PictureFiles.writePng(folder.resolve(file), Picture.of(image), Map.of());
    }

    private void write(String file, String text) {
        try {
            Path temporary = Files.writeString(folder.resolve("." + file), text);
            Files.move(temporary, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
