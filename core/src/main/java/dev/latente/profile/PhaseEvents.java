package dev.latente.profile;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Phases as events of the flight recorder; their duration is the event's. Touched only where {@link Flight#isOn}. */
final class PhaseEvents {
    private PhaseEvents() {}

    @Category("Latente")
    @StackTrace(false)
    abstract static class PhaseEvent extends Event {}

    @Name("dev.latente.Load")
    @Label("Load of a checkpoint")
    static final class LoadEvent extends PhaseEvent {
        @Label("Model")
        @Nullable
        String model;
    }

    @Name("dev.latente.Encode")
    @Label("Encoding of prompts")
    static final class EncodeEvent extends PhaseEvent {
        @Label("Prompts")
        int prompts;
    }

    @Name("dev.latente.Step")
    @Label("Step of a sampler")
    static final class StepEvent extends PhaseEvent {
        @Label("Index")
        int index;

        @Label("Of")
        int of;

        @Label("Timestep")
        double timestep;

        @Label("Sigma")
        double sigma;
    }

    @Name("dev.latente.Decode")
    @Label("Decoding of latents")
    static final class DecodeEvent extends PhaseEvent {
        @Label("Pictures")
        long pictures;

        @Label("Width")
        long width;

        @Label("Height")
        long height;
    }

    @Name("dev.latente.Picture")
    @Label("Pictures of one call")
    static final class PictureEvent extends PhaseEvent {
        @Label("Pipeline")
        @Nullable
        String pipeline;

        @Label("Pictures")
        int pictures;

        @Label("Steps")
        int steps;
    }

    static <T> T record(Phase phase, Supplier<T> body) {
        PhaseEvent event = of(phase);
        if (event == null || !event.isEnabled()) {
            return body.get();
        }
        event.begin();
        try {
            return body.get();
        } finally {
            event.commit();
        }
    }

    /** The event of a phase; null for one that has none. */
    private static @Nullable PhaseEvent of(Phase phase) {
        if (phase instanceof Phase.Step step) {
            StepEvent event = new StepEvent();
            event.index = step.index();
            event.of = step.of();
            event.timestep = step.timestep();
            event.sigma = step.sigma();
            return event;
        }
        if (phase instanceof Phase.Load load) {
            LoadEvent event = new LoadEvent();
            event.model = load.model();
            return event;
        }
        if (phase instanceof Phase.Encode encode) {
            EncodeEvent event = new EncodeEvent();
            event.prompts = encode.prompts();
            return event;
        }
        if (phase instanceof Phase.Decode decode) {
            DecodeEvent event = new DecodeEvent();
            event.pictures = decode.pictures();
            event.width = decode.width();
            event.height = decode.height();
            return event;
        }
        if (phase instanceof Phase.Picture picture) {
            PictureEvent event = new PictureEvent();
            event.pipeline = picture.pipeline();
            event.pictures = picture.pictures();
            event.steps = picture.steps();
            return event;
        }
        return null;
    }
}
