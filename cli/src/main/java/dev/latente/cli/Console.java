package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.pipelines.LatentPreview;
import dev.latente.pipelines.Progress;
import dev.latente.tensor.Memory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.TerminalGraphics.ImageOptions;
import org.jline.terminal.impl.TerminalGraphicsManager;

/** What a person sees beside the result: progress, pictures. Goes to standard error, so that pipes stay clean. */
final class Console {
    private static final int BAR = 24;
    private static final int PREVIEW_COLUMNS = 48;
    private static final char ESC = 27;
    private static final double SECONDS_BETWEEN_LINES = 30;

    private final PrintWriter err;
    private final boolean quiet;
    private final boolean interactive;
    private final boolean colours;
    private int previewLines;
    private boolean barShown;
    private long said = System.nanoTime() - (long) (SECONDS_BETWEEN_LINES * 1e9);

    Console(PrintWriter err, boolean quiet) {
        this.err = err;
        this.quiet = quiet;
        interactive = !quiet && terminal();
        String depth = System.getenv().getOrDefault("COLORTERM", "");
        colours = interactive
                && System.getenv("NO_COLOR") == null
                && (depth.equalsIgnoreCase("truecolor") || depth.equalsIgnoreCase("24bit"));
    }

    @SuppressWarnings("SystemConsoleNull") // null on JDK 21 and older, asked below on newer ones
    private static boolean terminal() {
        var console = System.console();
        // From Java 22 on there is a console object without a terminal, too.
        return console != null
                && !"dumb".equals(System.getenv("TERM"))
                && System.getenv("TERM") != null
                && isTerminal(console);
    }

    private static boolean isTerminal(java.io.Console console) {
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    void say(String text) {
        if (!quiet) {
            clearBar();
            err.println(text);
        }
    }

    /** Whether pictures can be shown. */
    boolean shows() {
        return colours;
    }

    /** How far a run is: seconds per step, time left, memory. */
    void step(int step, int steps, double seconds) {
        double each = seconds / step;
        bar(
                (double) step / steps,
                "%d/%d  %.2f s/it  %s %s  %.1f GB"
                        .formatted(
                                step,
                                steps,
                                each,
                                Main.message("left"),
                                clock((long) Math.ceil(each * (steps - step))),
                                Memory.resident() / 1e9));
    }

    /** How far a training run is, 0 to 1; a line every half a minute where no line can be drawn again. */
    void progress(String text, double share) {
        bar(share, text);
        if (!interactive && !quiet && (System.nanoTime() - said >= SECONDS_BETWEEN_LINES * 1e9 || share == 1)) {
            said = System.nanoTime();
            err.println(text);
            err.flush();
        }
    }

    /** How far a download is. */
    void download(String file, long done, long total) {
        if (total > 0) {
            bar((double) done / total, "%s  %.1f/%.1f MB".formatted(file, done / 1e6, total / 1e6));
        }
        if (total > 0 && done >= total) {
            finish();
        }
    }

    private void bar(double share, String text) {
        if (!interactive) {
            return;
        }
        int full = (int) Math.round(share * BAR);
        err.print("\r" + ESC + "[K" + "█".repeat(full) + "░".repeat(BAR - full) + " "
                + String.format(Locale.ROOT, "%3.0f%%  ", share * 100) + text);
        err.flush();
        barShown = true;
    }

    /** Ends the line of the bar. */
    void finish() {
        if (barShown) {
            err.println();
            barShown = false;
        }
        previewLines = 0;
    }

    private void clearBar() {
        if (barShown) {
            err.print("\r" + ESC + "[K");
            barShown = false;
        }
        previewLines = 0;
    }

    /** Draws a small picture over the one before, above the bar: two pixels in each character. */
    void preview(Picture picture) {
        if (!colours) {
            return;
        }
        int rows = Math.max(2, PREVIEW_COLUMNS * picture.height() / picture.width() / 2 * 2);
        Picture small = Resize.to(picture.rgb(), PREVIEW_COLUMNS, rows, Resize.Filter.BILINEAR);
        StringBuilder out = new StringBuilder("\r").append(ESC).append("[K");
        if (previewLines > 0) {
            out.append(ESC).append('[').append(previewLines).append('A');
        }
        for (int y = 0; y < rows; y += 2) {
            for (int x = 0; x < PREVIEW_COLUMNS; x++) {
                out.append(ESC).append("[38;2;").append(colour(small, x, y)).append('m');
                out.append(ESC).append("[48;2;").append(colour(small, x, y + 1)).append("m▀");
            }
            out.append(ESC).append("[0m\n");
        }
        previewLines = rows / 2;
        err.print(out);
        err.flush();
    }

    private static String colour(Picture p, int x, int y) {
        return p.at(x, y, 0) + ";" + p.at(x, y, 1) + ";" + p.at(x, y, 2);
    }

    /** Shows a finished picture: in pixels where the terminal can, else in blocks of colour. */
    void show(Picture picture) {
        if (!colours) {
            return;
        }
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).dumb(true).build()) {
            var graphics = TerminalGraphicsManager.getBestProtocol(terminal);
            if (graphics.isPresent()) {
                graphics.get()
                        .displayImage(terminal, picture.toBufferedImage(), new ImageOptions().width(PREVIEW_COLUMNS));
                terminal.writer().println();
                terminal.flush();
                return;
            }
        } catch (IOException | RuntimeException e) {
            // A terminal that breaks its promise must not break the run.
            err.flush();
        }
        preview(picture);
        previewLines = 0;
    }

    private static String clock(long seconds) {
        return "%d:%02d".formatted(seconds / 60, seconds % 60);
    }

    /** Shows each call, and previews where pictures can be shown; stops where its thread is interrupted. */
    Progress progress(LatentPreview preview) {
        long start = System.nanoTime();
        Progress shown = (call, calls, latents) -> {
            if (shows() && call < calls) {
                preview(preview.picture(latents));
            }
            step(call, calls, (System.nanoTime() - start) / 1e9);
        };
        return shown.stopWhenInterrupted();
    }
}
