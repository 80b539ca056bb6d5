/** Smaller weights: fewer bits, or zeros. What is changed is a decorator of a source, as adapters are. */
@NullMarked
package dev.latente.weights.compression;

import org.jspecify.annotations.NullMarked;
