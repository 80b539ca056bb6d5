package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;

/** A loaded network that steers by a picture of the size of the run. Thread-safe. Close it when no run uses it any more. */
public sealed interface ControlModel extends AutoCloseable permits ControlNetCheckpoint, T2IAdapterCheckpoint {
    DType dtype();

    Device device();

    /** Sides of the pictures that it sees are multiples of this many pixels. */
    int unit();

    @Override
    void close();
}
