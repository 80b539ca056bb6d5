package dev.latente.training;

import dev.latente.tensor.DType;
import dev.latente.tensor.Recompute;
import org.jspecify.annotations.Nullable;

/**
 * How a run goes, whatever it trains.
 *
 * @param steps optimiser steps
 * @param accumulation micro-batches of a step, whose gradients are averaged
 * @param learningRate before the schedule
 * @param clip largest norm of the gradient; 0 for none
 * @param ema null for no average
 * @param dtype that the model computes in; masters, gradients and averages are fp32
 * @param saveEvery steps between checkpoints
 * @param sampleEvery steps between samples; 0 for none
 * @param gradientCheckpointing whether models compute their blocks twice to keep less of them ({@link Recompute})
 * @param workers threads that share the micro-batches of a step, and the processor's cores
 */
public record TrainingConfig(
        long seed,
        long steps,
        int accumulation,
        double learningRate,
        LrSchedule schedule,
        AdamW.Config optimizer,
        double clip,
        @Nullable EmaConfig ema,
        DType dtype,
        long saveEvery,
        long sampleEvery,
        boolean gradientCheckpointing,
        int workers) {
    public TrainingConfig {
        if (steps < 1 || accumulation < 1 || !(learningRate > 0) || clip < 0 || saveEvery < 1 || sampleEvery < 0) {
            throw new IllegalArgumentException(
                    "training: steps [%d], accumulation [%d], learning rate [%s], clip [%s], save_every [%d]: wanted positive numbers"
                            .formatted(steps, accumulation, learningRate, clip, saveEvery));
        }
        if (workers < 1 || workers > accumulation) {
            throw new IllegalArgumentException(
                    "training: workers [%d]: wanted 1 to [%d], as many as a step has micro-batches (accumulation)"
                            .formatted(workers, accumulation));
        }
    }

    /** Begins with seed 0, batches that are not cut, a constant rate, AdamW's usual settings, clipping at 1 and fp32. */
    public static Builder builder(long steps, double learningRate) {
        return new Builder(steps, learningRate);
    }

    /** Collects what differs from the usual; a component that is not named keeps it. */
    public static final class Builder {
        private final long steps;
        private final double learningRate;
        private long seed;
        private int accumulation = 1;
        private LrSchedule schedule = LrSchedule.constant();
        private AdamW.Config optimizer = AdamW.Config.DEFAULT;
        private double clip = 1;
        private @Nullable EmaConfig ema;
        private DType dtype = DType.F32;
        private long saveEvery = 1000;
        private long sampleEvery;
        private boolean gradientCheckpointing;
        private int workers = 1;

        private Builder(long steps, double learningRate) {
            this.steps = steps;
            this.learningRate = learningRate;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder accumulation(int value) {
            accumulation = value;
            return this;
        }

        public Builder schedule(LrSchedule value) {
            schedule = value;
            return this;
        }

        public Builder optimizer(AdamW.Config value) {
            optimizer = value;
            return this;
        }

        public Builder clip(double value) {
            clip = value;
            return this;
        }

        public Builder ema(@Nullable EmaConfig value) {
            ema = value;
            return this;
        }

        public Builder dtype(DType value) {
            dtype = value;
            return this;
        }

        public Builder saveEvery(long value) {
            saveEvery = value;
            return this;
        }

        public Builder sampleEvery(long value) {
            sampleEvery = value;
            return this;
        }

        public Builder gradientCheckpointing(boolean value) {
            gradientCheckpointing = value;
            return this;
        }

        public Builder workers(int value) {
            workers = value;
            return this;
        }

        /**
         * What was named, and the usual for the rest.
         *
         * @throws IllegalArgumentException that says which number is out of range
         */
        public TrainingConfig build() {
            return new TrainingConfig(
                    seed,
                    steps,
                    accumulation,
                    learningRate,
                    schedule,
                    optimizer,
                    clip,
                    ema,
                    dtype,
                    saveEvery,
                    sampleEvery,
                    gradientCheckpointing,
                    workers);
        }
    }
}
