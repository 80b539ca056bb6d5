/**
 * Measures generators of pictures of the world on prompts whose combinations no training has shown, and what adapters make of
 * them.
 */
@NullMarked
package dev.latente.mundo.evaluation;

import org.jspecify.annotations.NullMarked;
