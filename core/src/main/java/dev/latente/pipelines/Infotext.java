package dev.latente.pipelines;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text that AUTOMATIC1111's web UI writes below the keyword {@code parameters} into a PNG, and that the tools around it
 * read: the prompt, a line {@code Negative prompt: …}, and a last line of {@code Key: value} pairs.
 *
 * @param prompt of any number of lines
 * @param negative likewise, empty for none
 * @param settings by the web UI's names, such as {@code Steps}, {@code CFG scale}, {@code Seed}, in order
 */
public record Infotext(String prompt, String negative, Map<String, String> settings) {
    public static final String KEYWORD = "parameters";

    private static final String NEGATIVE = "Negative prompt: ";
    private static final Pattern SETTING =
            Pattern.compile("\\s*([\\w /-]+):\\s*(\"(?:\\\\.|[^\\\\\"])*\"|[^,]*)(?:,|$)");

    public Infotext {
        settings = new LinkedHashMap<>(settings);
    }

    /** The text as it is written. */
    public String format() {
        StringBuilder text = new StringBuilder(prompt);
        if (!negative.isEmpty()) {
            text.append('\n').append(NEGATIVE).append(negative);
        }
        StringBuilder line = new StringBuilder();
        settings.forEach((key, value) ->
                line.append(line.isEmpty() ? "" : ", ").append(key).append(": ").append(quote(value)));
        return text.append('\n').append(line).toString();
    }

    /** Reads such a text; what is not understood is left out. */
    public static Infotext parse(String text) {
        String[] lines = text.strip().split("\n", -1);
        String last = lines[lines.length - 1];
        int end = lines.length - 1;
        Map<String, String> settings = new LinkedHashMap<>();
        Matcher matcher = SETTING.matcher(last);
        while (matcher.find()) {
            settings.put(matcher.group(1).strip(), unquote(matcher.group(2).strip()));
        }
        if (settings.size() < 3) {
            settings.clear();
            end = lines.length;
        }
        StringBuilder prompt = new StringBuilder();
        StringBuilder negative = new StringBuilder();
        StringBuilder current = prompt;
        for (int i = 0; i < end; i++) {
            String line = lines[i];
            if (line.startsWith(NEGATIVE.strip()) && current == prompt) {
                current = negative;
                line = line.substring(NEGATIVE.strip().length()).strip();
            }
            current.append(current.isEmpty() ? "" : "\n").append(line);
        }
        return new Infotext(prompt.toString(), negative.toString(), settings);
    }

    private static String quote(String value) {
        if (value.indexOf(',') < 0 && value.indexOf('\n') < 0 && value.indexOf(':') < 0) {
            return value;
        }
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String unquote(String value) {
        if (value.length() < 2 || value.charAt(0) != '"' || value.charAt(value.length() - 1) != '"') {
            return value;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 1; i < value.length() - 1; i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length() - 1) {
                char next = value.charAt(++i);
                out.append(next == 'n' ? '\n' : next);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
