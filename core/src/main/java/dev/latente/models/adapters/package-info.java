/** Small networks that let a U-Net see pictures: T2I-Adapters their outlines, IP-Adapters what is in them. */
@NullMarked
package dev.latente.models.adapters;

import org.jspecify.annotations.NullMarked;
