/** Textual inversion: learned vectors for new words of the prompt. */
@NullMarked
package dev.latente.weights.inversion;

import org.jspecify.annotations.NullMarked;
