package dev.latente.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prompts that change while a picture is drawn, in the syntax of AUTOMATIC1111's web UI: {@code [from:to:when]},
 * {@code [to:when]} and {@code [from::when]}, where {@code when} is a step or, with a decimal point, a fraction of the
 * steps; {@code [a|b]} takes turns. They nest. Brackets and colons that make none of these stay as they are written; a
 * prompt with a {@code |} or a backslash that cannot be read stays whole.
 */
public final class PromptSchedule {
    /** A prompt and the last of its steps; steps count from 1, the first is that after the entry before. */
    public record Entry(int until, String prompt) {}

    private sealed interface Node {}

    private record Text(String text) implements Node {}

    private record Sequence(List<Node> nodes) implements Node {}

    private record Change(Node before, Node after, int when) implements Node {}

    private record Turns(List<Sequence> options) implements Node {}

    private static final Pattern LEXEME = Pattern.compile("[^\\\\()\\[\\]:|]+|\\\\[^\n]|[()\\[\\]:|]");
    private static final Pattern WHEN = Pattern.compile(
            "\\s*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\\s*", Pattern.UNICODE_CHARACTER_CLASS);

    private final int steps;
    private final int offset;
    private final double fractionOffset;
    private final Deque<Group> open = new ArrayDeque<>();
    private final SortedSet<Integer> ends = new TreeSet<>();
    private boolean unreadable;

    private PromptSchedule(int steps, int offset, double fractionOffset) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps are [%d], wanted at least 1".formatted(steps));
        }
        this.steps = steps;
        this.offset = offset;
        this.fractionOffset = fractionOffset;
        ends.add(steps);
    }

    /** The entries in order; the last one ends at {@code steps}. */
    public static List<Entry> parse(String prompt, int steps) {
        return new PromptSchedule(steps, 0, 0).entries(prompt);
    }

    /** The entries of a second pass of {@code steps}: whole numbers count from the first pass, fractions from 1.0. */
    public static List<Entry> parseSecondPass(String prompt, int firstSteps, int steps) {
        return new PromptSchedule(steps, firstSteps, 1).entries(prompt);
    }

    private List<Entry> entries(String prompt) {
        Node tree = read(prompt);
        if (tree == null) {
            return List.of(new Entry(steps, prompt));
        }
        return ends.stream().map(step -> new Entry(step, at(step, tree))).toList();
    }

    /** Null if the prompt is to stay whole. */
    private @Nullable Node read(String prompt) {
        Group top = new Group("");
        open.push(top);
        int done = 0;
        for (Matcher m = LEXEME.matcher(prompt); m.find() && m.start() == done; done = m.end()) {
            String lexeme = m.group();
            switch (lexeme) {
                case "(", "[" -> open.push(new Group(lexeme));
                case ")", "]" -> close(lexeme);
                case ":", "|" -> separate(lexeme);
                default -> open.element().add(new Text(lexeme));
            }
        }
        giveUp();
        return unreadable || done < prompt.length() ? null : top.literal("");
    }

    private void separate(String separator) {
        unreadable |= separator.equals("|") && !open.element().bracket.equals("[");
        open.element().separate(separator);
    }

    private void close(String bracket) {
        Group group = open.element();
        Node node = group.bracket.equals("[") && bracket.equals("]")
                ? square(group)
                : group.bracket.equals("(") && bracket.equals(")") && group.separators.length() <= 1
                        ? group.literal(bracket)
                        : null;
        if (node == null) {
            giveUp();
            node = new Text(bracket);
        } else {
            open.pop();
        }
        open.element().add(node);
    }

    /** What a closed pair of square brackets is, or null if it is nothing. */
    private @Nullable Node square(Group group) {
        String separators = group.separators.toString();
        List<Sequence> parts = group.parts;
        int last = parts.size() - 1;
        if (last == 0) {
            return group.literal("]");
        }
        if (separators.indexOf(':') < 0) {
            for (int step = 1; step <= steps; step++) {
                ends.add(step);
            }
            return new Turns(parts);
        }
        if (separators.indexOf('|') >= 0
                || last > 2
                || parts.get(last).nodes().size() != 1
                || !(parts.get(last).nodes().get(0) instanceof Text text)) {
            return null;
        }
        Matcher when = WHEN.matcher(text.text());
        if (!when.matches()) {
            return null;
        }
        int step = step(when.group(1));
        if (step >= 1) {
            ends.add(step);
        }
        return new Change(last == 2 ? parts.get(0) : new Text(""), parts.get(last - 1), step);
    }

    private int step(String when) {
        double value = Double.parseDouble(when);
        return Math.min(steps, (int) (when.contains(".") ? (value - fractionOffset) * steps : value - offset));
    }

    /** A bracket that stands for itself stands in no other: all that are open become text. */
    private void giveUp() {
        while (open.size() > 1) {
            Group group = open.pop();
            unreadable |= group.separators.indexOf("|") >= 0;
            open.element().add(group.literal(""));
        }
    }

    private static String at(int step, Node tree) {
        StringBuilder out = new StringBuilder();
        Deque<Iterator<? extends Node>> path = new ArrayDeque<>();
        path.push(List.of(tree).iterator());
        while (!path.isEmpty()) {
            if (!path.element().hasNext()) {
                path.pop();
                continue;
            }
            Node node = path.element().next();
            if (node instanceof Text text) {
                out.append(text.text());
            } else if (node instanceof Sequence sequence) {
                path.push(sequence.nodes().iterator());
            } else if (node instanceof Change change) {
                path.push(List.of(step <= change.when() ? change.before() : change.after())
                        .iterator());
            } else if (node instanceof Turns turns) {
                path.push(
                        List.of(turns.options().get((step - 1) % turns.options().size()))
                                .iterator());
            }
        }
        return out.toString();
    }

    /** An open bracket, its separators and what stands between them. */
    private static final class Group {
        private final String bracket;
        private final List<Sequence> parts = new ArrayList<>();
        private final StringBuilder separators = new StringBuilder();

        Group(String bracket) {
            this.bracket = bracket;
            parts.add(new Sequence(new ArrayList<>()));
        }

        void add(Node node) {
            parts.get(parts.size() - 1).nodes().add(node);
        }

        void separate(String separator) {
            separators.append(separator);
            parts.add(new Sequence(new ArrayList<>()));
        }

        /** The group as it is written. */
        Sequence literal(String close) {
            List<Node> nodes = new ArrayList<>(List.of(new Text(bracket)));
            for (int i = 0; i < parts.size(); i++) {
                nodes.add(parts.get(i));
                nodes.add(new Text(i < separators.length() ? separators.substring(i, i + 1) : close));
            }
            return new Sequence(nodes);
        }
    }
}
