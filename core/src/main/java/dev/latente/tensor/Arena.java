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

    /** Takes over what another arena owns, which owns nothing after it. */
    public synchronized void adopt(Arena other) {
        synchronized (other) {
            owned.addAll(other.owned);
            other.owned.clear();
        }
    }

    /** What its tensors take, in bytes; of a view, the part that it shows. */
    public synchronized long bytes() {
        return owned.stream().mapToLong(x -> x.numel() * x.itemsize()).sum();
    }

    @Override
    public synchronized void close() {
        closed = true;
        Recompute.release(owned);
        owned.clear();
    }
}
