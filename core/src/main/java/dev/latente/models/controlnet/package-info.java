/** Networks that steer a U-Net by a picture, such as edges, depth or a pose. */
@NullMarked
package dev.latente.models.controlnet;

import org.jspecify.annotations.NullMarked;
