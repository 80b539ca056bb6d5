/** Measures generators of pictures of the world on prompts whose combinations no training has shown. */
@NullMarked
package dev.latente.mundo.evaluation;

import org.jspecify.annotations.NullMarked;
