package dev.latente.mundo.judge;

import dev.latente.mundo.Mount;
import dev.latente.mundo.Place;
import dev.latente.mundo.Subject;
import dev.latente.mundo.Thing;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A question that the judge answers about a picture. */
@SuppressWarnings("ImmutableEnumChecker") // an accessor without state, and a list that nobody changes
public enum Head {
    KIND(Verdict::kind, Verdict.Kind.values()),
    PLACE(Verdict::place, Place.values()),
    SUBJECT(Verdict::subject, Subject.values()),
    MOUNT(Verdict::mount, Mount.values()),
    THING(Verdict::thing, Thing.values());

    private final Function<Verdict, @Nullable Enum<?>> part;
    private final List<Enum<?>> answers;

    Head(Function<Verdict, @Nullable Enum<?>> part, Enum<?>... answers) {
        this.part = part;
        this.answers = List.of(answers);
    }

    /** What the verdict answers; null for none. */
    public @Nullable Enum<?> answer(Verdict verdict) {
        return part.apply(verdict);
    }

    /** Whether both verdicts answer the same. */
    public boolean agree(Verdict a, Verdict b) {
        return Objects.equals(answer(a), answer(b));
    }

    /** The name that the weights have. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Possible answers; none is one. */
    int classes() {
        return answers.size() + 1;
    }

    /** The class of a verdict's answer: 0 for none, then in the order of {@link #names}. */
    int number(Verdict verdict) {
        Enum<?> answer = answer(verdict);
        return answer == null ? 0 : answers.indexOf(answer) + 1;
    }

    /** The answers that the classes from 1 stand for, to be stored beside the weights. */
    String names() {
        return String.join(",", answers.stream().map(Enum::name).toList());
    }
}
