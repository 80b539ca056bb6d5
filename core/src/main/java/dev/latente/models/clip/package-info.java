/** CLIP (Radford et al. 2021). */
@NullMarked
package dev.latente.models.clip;

import org.jspecify.annotations.NullMarked;
