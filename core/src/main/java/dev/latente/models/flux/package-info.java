/** The transformer of Flux.1. */
@NullMarked
package dev.latente.models.flux;

import org.jspecify.annotations.NullMarked;
