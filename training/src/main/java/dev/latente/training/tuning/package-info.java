/** Teaching an existing checkpoint: in full, by LoRA, by a new word, by a ControlNet beside it. */
@NullMarked
package dev.latente.training.tuning;

import org.jspecify.annotations.NullMarked;
