/** Compositions of the parts: checkpoints, text to image, image to image, inpainting. */
@NullMarked
package dev.latente.pipelines;

import org.jspecify.annotations.NullMarked;
