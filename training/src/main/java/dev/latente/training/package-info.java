/** Trainers: one loop, objectives, optimiser, checkpoints, and what a run shows of itself. */
@NullMarked
package dev.latente.training;

import org.jspecify.annotations.NullMarked;
