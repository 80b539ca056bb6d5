/** The autoencoder between pictures and latents (Rombach et al. 2022, section 3.1). */
@NullMarked
package dev.latente.models.vae;

import org.jspecify.annotations.NullMarked;
