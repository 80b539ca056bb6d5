/** Low-rank adapters (LoRA): their files, their merging into weights, and new ones to train. */
@NullMarked
package dev.latente.weights.lora;

import org.jspecify.annotations.NullMarked;
