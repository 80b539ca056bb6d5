package dev.latente.training.report;

import java.util.List;
import java.util.Map;

/**
 * The page of a run.
 *
 * @param goesOn whether it loads itself anew
 * @param share how much of the run is done, 0 to 1
 * @param numbers by what they are called
 * @param samples file names in {@code samples/}, the newest first
 */
record ReportPage(
        String name,
        boolean goesOn,
        double share,
        Map<String, String> numbers,
        List<String> warnings,
        List<String> samples,
        String recipe) {
    private static final String STYLE = """
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
            progress { width: 100%; height: 10px; margin: 1rem 0; accent-color: #1f5fbf; }
            dl { display: flex; flex-wrap: wrap; gap: .4rem 2.4rem; margin: 0; }
            dt { font-size: .8rem; opacity: .65; } dd { margin: 0; font-variant-numeric: tabular-nums; }
            img { width: 100%; border: 1px solid #8884; border-radius: 8px; margin-bottom: 1rem; }
            .earlier { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: .6rem; }
            pre { background: #8881; padding: 1rem; border-radius: 8px; overflow: auto; }
            .warning { border-left: 4px solid #d97706; padding-left: .8rem; }
            """;

    String html() {
        StringBuilder out = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        out.append(goesOn ? "<meta http-equiv=\"refresh\" content=\"30\">\n" : "");
        out.append("<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
                .append(escaped(name))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1>")
                .append(escaped(name))
                .append("</h1>\n<progress value=\"")
                .append(share)
                .append("\"></progress>\n<dl>\n");
        numbers.forEach((what, value) -> out.append("<div><dt>")
                .append(escaped(what))
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd></div>\n"));
        out.append("</dl>\n");
        warnings.forEach(
                w -> out.append("<p class=\"warning\">").append(escaped(w)).append("</p>\n"));
        if (!samples.isEmpty()) {
            out.append("<h2>Samples</h2>\n").append(image("samples.png", "newest samples"));
        }
        out.append("<h2>Curves</h2>\n")
                .append(image("loss.png", "loss"))
                .append(image("gradient.png", "norm of the gradient"))
                .append(image("lr.png", "learning rate"));
        if (samples.size() > 1) {
            out.append("<h2>Samples before</h2>\n<div class=\"earlier\">\n");
            samples.stream()
                    .skip(1)
                    .forEach(file -> out.append("<a href=\"samples/%s\"><img src=\"samples/%s\" alt=\"%s\"></a>\n"
                            .formatted(file, file, file)));
            out.append("</div>\n");
        }
        return out.append("<h2>Recipe</h2>\n<pre>")
                .append(escaped(recipe))
                .append("</pre>\n</body></html>\n")
                .toString();
    }

    private static String image(String file, String alt) {
        return "<a href=\"%s\"><img src=\"%s\" alt=\"%s\"></a>\n".formatted(file, file, alt);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
