/** The denoising U-Net of Stable Diffusion 1, 2 and XL. */
@NullMarked
package dev.latente.models.unet;

import org.jspecify.annotations.NullMarked;
