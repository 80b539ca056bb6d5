/** The transformer of Stable Diffusion 3 and 3.5. */
@NullMarked
package dev.latente.models.mmdit;

import org.jspecify.annotations.NullMarked;
