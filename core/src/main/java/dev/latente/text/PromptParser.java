package dev.latente.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The attention syntax of AUTOMATIC1111's web UI: {@code (a)} weighs 1.1, {@code [a]} 1/1.1, {@code (a:1.3)} 1.3, weights
 * multiply where brackets nest, a backslash makes a bracket literal, {@code BREAK} ends a chunk. Every text is a prompt:
 * unclosed brackets reach to the end, unmatched ones are literal.
 */
public final class PromptParser {
    private static final double STRONGER = 1.1;
    private static final double WEAKER = 1 / STRONGER;
    private static final Pattern TOKEN = Pattern.compile(
            "\\\\[()\\[\\]\\\\]?|[(\\[]|:\\s*([+-]?[.\\d]+)\\s*\\)|[)\\]]|[^\\\\()\\[\\]:]+|:",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?|\\d*\\.\\d+)");

    private final List<String> texts = new ArrayList<>();
    private double[] weights = new double[16];

    private PromptParser() {}

    /** The runs of the prompt, neighbours of equal weight merged; at least one. */
    public static List<WeightedText> parse(String prompt) {
        PromptParser parser = new PromptParser();
        parser.read(prompt);
        return parser.merged();
    }

    private void read(String prompt) {
        Deque<Integer> round = new ArrayDeque<>();
        Deque<Integer> square = new ArrayDeque<>();
        for (Matcher m = TOKEN.matcher(prompt); m.find(); ) {
            String token = m.group();
            String weight = m.group(1);
            if (token.startsWith("\\")) {
                add(token.substring(1), 1);
            } else if (token.equals("(")) {
                round.push(texts.size());
            } else if (token.equals("[")) {
                square.push(texts.size());
            } else if (weight != null
                    && !round.isEmpty()
                    && NUMBER.matcher(weight).matches()) {
                multiply(round.pop(), Double.parseDouble(weight));
            } else if (token.equals(")") && !round.isEmpty()) {
                multiply(round.pop(), STRONGER);
            } else if (token.equals("]") && !square.isEmpty()) {
                multiply(square.pop(), WEAKER);
            } else {
                addWithBreaks(token);
            }
        }
        round.descendingIterator().forEachRemaining(from -> multiply(from, STRONGER));
        square.descendingIterator().forEachRemaining(from -> multiply(from, WEAKER));
    }

    private void add(String text, double weight) {
        if (texts.size() == weights.length) {
            weights = Arrays.copyOf(weights, 2 * weights.length);
        }
        weights[texts.size()] = weight;
        texts.add(text);
    }

    /** Splits at the word BREAK and the white space around it; a regular expression would be quadratic in the space. */
    private void addWithBreaks(String text) {
        String word = WeightedText.BREAK.text();
        int from = 0;
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length())) {
            int end = at + word.length();
            if ((at > 0 && Unicode.isWord(text.codePointBefore(at)))
                    || (end < text.length() && Unicode.isWord(text.codePointAt(end)))) {
                continue;
            }
            int before = at;
            while (before > from && Unicode.isWhiteSpace(text.charAt(before - 1))) {
                before--;
            }
            add(text.substring(from, before), 1);
            add(word, WeightedText.BREAK.weight());
            from = end;
            while (from < text.length() && Unicode.isWhiteSpace(text.charAt(from))) {
                from++;
            }
        }
        add(text.substring(from), 1);
    }

    private void multiply(int from, double factor) {
        for (int i = from, n = texts.size(); i < n; i++) {
            weights[i] *= factor;
        }
    }

    private List<WeightedText> merged() {
        if (texts.isEmpty()) {
            add("", 1);
        }
        List<WeightedText> runs = new ArrayList<>();
        for (int i = 0; i < texts.size(); ) {
            double weight = weights[i];
            StringBuilder text = new StringBuilder();
            do {
                text.append(texts.get(i++));
            } while (i < texts.size() && weights[i] == weight);
            runs.add(new WeightedText(text.toString(), weight));
        }
        return List.copyOf(runs);
    }
}
