/** The U-Net of the latent upscaler, made of k-diffusion's blocks. */
@NullMarked
package dev.latente.models.kunet;

import org.jspecify.annotations.NullMarked;
