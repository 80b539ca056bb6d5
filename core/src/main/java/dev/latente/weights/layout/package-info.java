/**
 * Where each weight of a checkpoint is kept: folders of diffusers, single files of the original code, and the key names of
 * both as data.
 */
@NullMarked
package dev.latente.weights.layout;

import org.jspecify.annotations.NullMarked;
