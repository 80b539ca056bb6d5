package dev.latente.tensor;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Files as tensors. */
public final class Mapped {
    private Mapped() {}

    /**
     * Maps a whole file as one byte tensor: no copy, nothing on the heap, no limit of 2 GiB. The mapping lives as long as
     * any view of it.
     */
    public static Tensor file(String path, long bytes) {
        try (BoolOptional shared = new BoolOptional(false);
                LongOptional size = new LongOptional(bytes);
                TensorOptions options = Ops.options(DType.U8, Device.CPU)) {
            return torch.from_file(path, shared, size, options);
        }
    }

    /** The bytes [offset, offset + n·itemsize) of a byte tensor as another dtype; a copy only if they are misaligned. */
    public static Tensor view(Tensor bytes, long offset, DType dtype, long... shape) {
        long count = 1;
        for (long d : shape) {
            count *= d;
        }
        if (count == 0) {
            return Ops.empty(dtype, Device.CPU, shape);
        }
        Tensor part = Ops.slice(bytes, 0, offset, offset + count * dtype.bytes());
        if (part.storage_offset() % dtype.bytes() != 0) {
            part = part.clone();
        }
        return part.view(dtype.scalarType()).view(shape);
    }
}
