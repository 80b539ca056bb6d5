package dev.latente.cli;

import dev.latente.bench.Breakdown;
import dev.latente.bench.Growth;
import dev.latente.bench.Measurement;
import dev.latente.profile.Kind;
import java.io.PrintWriter;
import java.util.Locale;

/** What {@code bench} prints for people, row by row. */
final class BenchTable {
    private final PrintWriter out;

    BenchTable(PrintWriter out) {
        this.out = out;
    }

    /** The names of the columns, which are parted by commas. */
    private void columns(String format, String key) {
        out.printf(Locale.ROOT, format, (Object[]) Main.message(key).split(" *, *", -1));
        out.flush();
    }

    void measurements() {
        columns("%-20s %10s %12s %10s %7s %8s%n", "bench.columns");
    }

    /** @param peak that the share is of, in operations each second; 0 for none */
    void measurement(Measurement m, double peak) {
        row(
                "%-20s %10.4f %12s %10.1f %7s %8.2f",
                m.name(),
                m.medianSeconds(),
                m.flop() > 0 ? giga(m.flop(), " G") : giga(m.bytes(), " GB"),
                m.rate(),
                percent(m.share(peak)),
                m.peakMemory() / 1e9);
    }

    /** Where the time of a part went, the largest piece first. */
    void kinds(Breakdown part, double peak) {
        out.println();
        columns("%-28s %10s %7s %12s %10s %7s%n", "bench.kinds");
        out.println(part.name());
        part.byKind().entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
                .forEach(entry -> kind(part, entry.getKey(), peak));
    }

    private void kind(Breakdown part, Kind kind, double peak) {
        long flop = part.flop(kind);
        double seconds = part.seconds(kind);
        row(
                "  %-26s %10.2f %7s %12s %10s %7s",
                Main.message("kind." + kind.name()),
                1000 * seconds,
                percent(part.time(kind)),
                flop > 0 ? giga(flop, " G") : "",
                flop > 0 ? String.format(Locale.ROOT, "%.1f", flop / seconds / 1e9) : "",
                percent(part.share(kind, peak)));
    }

    void growth() {
        columns("%-12s %6s %6s %8s %10s %10s %10s %8s%n", "bench.growth");
    }

    void growth(Growth.Cell c) {
        String head = String.format(Locale.ROOT, "%-12s %6d %6d %8d", c.part(), c.side(), c.batch(), c.threads());
        if (c.leftOut()) {
            row("%s  %s", head, Main.message("grow.left.out", c.memory() / 1e9));
        } else {
            row("%s %10.4f %10.3f %10.1f %8.2f", head, c.seconds(), c.perMegapixel(), c.rate(), c.memory() / 1e9);
        }
    }

    void say(String text) {
        out.println(text);
        out.flush();
    }

    private void row(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    private static String giga(long value, String unit) {
        return String.format(Locale.ROOT, "%.1f%s", value / 1e9, unit);
    }

    private static String percent(double share) {
        return share > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * share) : "";
    }
}
