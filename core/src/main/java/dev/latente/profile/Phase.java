package dev.latente.profile;

import java.util.Map;
import java.util.function.Supplier;

/**
 * A part of the way to a picture. It is a span of the {@link Profile} where there is one, and an event of the flight recorder
 * where that runs.
 */
public sealed interface Phase {
    /** How traces call it. */
    String title();

    /** What traces say about it. */
    Map<String, Object> arguments();

    /** A checkpoint becomes networks. */
    record Load(String model) implements Phase {
        @Override
        public String title() {
            return "load";
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("model", model);
        }
    }

    /** Text becomes the numbers of tokens. */
    record Tokenize(String text) implements Phase {
        @Override
        public String title() {
            return "tokenize";
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("characters", text.length());
        }
    }

    /** Prompts become the states that a U-Net is told. */
    record Encode(int prompts) implements Phase {
        @Override
        public String title() {
            return "encode";
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("prompts", prompts);
        }
    }

    /**
     * One call of the model and what the sampler makes of it.
     *
     * @param index from 0
     * @param of how many there are
     * @param sigma standard deviation of the noise for each of the signal (Karras et al. 2022)
     */
    record Step(int index, int of, double timestep, double sigma) implements Phase {
        @Override
        public String title() {
            return "step";
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("index", index, "of", of, "timestep", timestep, "sigma", sigma);
        }
    }

    /** Latents become pictures; the sides in pixels. */
    record Decode(long pictures, long width, long height) implements Phase {
        @Override
        public String title() {
            return "decode";
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("pictures", pictures, "width", width, "height", height);
        }
    }

    /** All of it: a call of a pipeline. */
    record Picture(String pipeline, int pictures, int steps) implements Phase {
        @Override
        public String title() {
            return pipeline;
        }

        @Override
        public Map<String, Object> arguments() {
            return Map.of("pictures", pictures, "steps", steps);
        }
    }

    /** Something else that has a name. */
    record Part(String title) implements Phase {
        @Override
        public Map<String, Object> arguments() {
            return Map.of();
        }
    }

    /** Runs the phase. */
    default <T> T run(Supplier<T> body) {
        Supplier<T> told = Flight.isOn() ? () -> PhaseEvents.record(this, body) : body;
        return Profile.isOn() ? Profile.phase(title(), arguments(), told) : told.get();
    }
}
