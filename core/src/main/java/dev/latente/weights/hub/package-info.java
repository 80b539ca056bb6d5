/** A client of the model Hub that shares the cache of the Python library {@code huggingface_hub}. Nothing native. */
@NullMarked
package dev.latente.weights.hub;

import org.jspecify.annotations.NullMarked;
