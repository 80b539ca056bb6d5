/** Checkpoint files: safetensors, pickled checkpoints, GGUF, key layouts and the hub cache. Nothing in a file is ever executed. */
@NullMarked
package dev.latente.weights;

import org.jspecify.annotations.NullMarked;
