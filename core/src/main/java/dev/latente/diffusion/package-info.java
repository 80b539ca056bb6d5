/** Noise schedules, prediction types, samplers and guidance, as functions that know no model. */
@NullMarked
package dev.latente.diffusion;

import org.jspecify.annotations.NullMarked;
