/** Pictures: decoding, resizing as Pillow does, masks, PNG with parameters. */
@NullMarked
package dev.latente.image;

import org.jspecify.annotations.NullMarked;
