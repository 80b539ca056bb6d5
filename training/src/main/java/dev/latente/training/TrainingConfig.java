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

    /** Without gradient checkpointing, on one thread. */
    public TrainingConfig(
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
            long sampleEvery) {
        this(
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
                false,
                1);
    }

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

    public TrainingConfig withGradientCheckpointing(boolean value) {
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
                value,
                workers);
    }

    public TrainingConfig withWorkers(int value) {
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
                value);
    }
}
