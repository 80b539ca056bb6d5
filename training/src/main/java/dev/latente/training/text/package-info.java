/** Learns the vocabulary of a tokenizer from texts. */
@NullMarked
package dev.latente.training.text;

import org.jspecify.annotations.NullMarked;
