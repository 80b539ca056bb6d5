/** A picture world that code draws, a picture and its captions from one seed, and the small model trained on it. */
@NullMarked
package dev.latente.mundo;

import org.jspecify.annotations.NullMarked;
