/** Networks that enlarge pictures. */
@NullMarked
package dev.latente.models.upscale;

import org.jspecify.annotations.NullMarked;
