package dev.latente.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Owns tensors that outlive every scope, such as a model's weights, and frees them together. Thread-safe. */
public final class Arena implements AutoCloseable {
    private final List<Tensor> owned = new ArrayList<>();
    private boolean closed;

    /** Makes a tensor that lives until this arena closes; the temporaries of {@code body} are freed at once. */
    public synchronized Tensor own(Supplier<Tensor> body) {
        if (closed) {
            throw new IllegalStateException("arena is closed");
        }
        Tensor tensor = Scopes.own(body);
        owned.add(tensor);
        return tensor;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Recompute.release(owned);
        owned.clear();
    }
}
