/** Tokenizers and the prompt grammar, in plain Java. */
@NullMarked
package dev.latente.text;

import org.jspecify.annotations.NullMarked;
