/** Looks at pictures of the world and says what they show; independent of the model that makes them, and never used to train it. */
@NullMarked
package dev.latente.mundo.judge;

import org.jspecify.annotations.NullMarked;
