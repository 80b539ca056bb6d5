package dev.latente.training.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names with {@code {a,b}} and {@code {00..12}}, as shells and WebDataset write lists of files. */
final class Braces {
    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");
    private static final int MAX = 1_000_000;

    private Braces() {}

    /** All names, in order; the text itself if it has no braces. */
    static List<String> expand(String text) {
        Matcher braces = BRACES.matcher(text);
        if (!braces.find()) {
            return List.of(text);
        }
        List<String> rest = expand(text.substring(braces.end()));
        List<String> out = new ArrayList<>();
        for (String choice : choices(braces.group(1))) {
            rest.forEach(r -> out.add(text.substring(0, braces.start()) + choice + r));
            if (out.size() > MAX) {
                throw new IllegalArgumentException("[%s] means more than %d files".formatted(text, MAX));
            }
        }
        return out;
    }

    private static List<String> choices(String inside) {
        Matcher range = RANGE.matcher(inside);
        if (!range.matches()) {
            return List.of(inside.split(",", -1));
        }
        int from = Integer.parseInt(range.group(1));
        int to = Integer.parseInt(range.group(2));
        if (to < from || to - from > MAX) {
            throw new IllegalArgumentException(
                    "range {%s}: wanted a lower number, then a higher one, at most %d files".formatted(inside, MAX));
        }
        String format = "%0" + range.group(1).length() + "d";
        List<String> out = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            out.add(format.formatted(i));
        }
        return out;
    }
}
