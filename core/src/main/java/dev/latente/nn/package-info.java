/** The layers that models are built from, and the weights that they are built with. */
@NullMarked
package dev.latente.nn;

import org.jspecify.annotations.NullMarked;
