package dev.latente.training.data;

import dev.latente.image.Picture;
import dev.latente.pipelines.Micro;

/**
 * An example as one step sees it.
 *
 * @param name where it comes from
 * @param picture at the size of its batch, 3 channels
 * @param caption one of the example's, empty if it has none
 * @param micro what SDXL is told: the size before scaling, the corner of the crop, the size after
 * @param flipped whether left and right are exchanged
 */
public record Sample(String name, Picture picture, String caption, Micro micro, boolean flipped) {}
