package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Reads parts of files into memory that is freed after use, for weights that are not to stay. A model asks for its weights in
 * the same order in every call, so the parts that followed last time are read while it computes, by a thread that does nothing
 * else; an interrupt of a thread that computes thus never closes a file. Thread-safe.
 */
public final class ReadAhead implements AutoCloseable {
    /** What is read before somebody asks for it: some layers. */
    private static final long MOST = 96 << 20;

    private static final int MOST_PARTS = 64;

    /** Bytes [offset, offset + length) of a file. */
    private record Part(MappedFile file, long offset, long length) {}

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), body -> {
                Thread reader = new Thread(body, "weights");
                reader.setDaemon(true);
                return reader;
            });
    private final Map<Part, Part> next = new HashMap<>();
    private final Map<Part, CompletableFuture<Tensor>> ahead = new HashMap<>();

    @SuppressWarnings(
            "ThreadLocalUsage") // threads draw at the same time, each in an order of its own, with several models
    private final ThreadLocal<Part> last = new ThreadLocal<>();

    private long bytes; // of what is ahead
    private boolean closed;

    public ReadAhead() {
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * The bytes, as a tensor of the caller's scope.
     *
     * @throws IOException if they cannot be read
     */
    Tensor read(MappedFile file, long offset, long length) throws IOException {
        try {
            Tensor owned = ask(new Part(file, offset, length)).join();
            try {
                return new Tensor(owned);
            } finally {
                Scopes.release(owned);
            }
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException io ? io.getCause() : new IOException(e.getCause());
        }
    }

    private synchronized CompletableFuture<Tensor> ask(Part part) {
        if (closed) {
            throw new IllegalStateException("%s: is closed, and so is the model".formatted(part.file.path()));
        }
        @Nullable Part before = last.get();
        if (before != null) {
            next.put(before, part);
        }
        last.set(part);
        CompletableFuture<Tensor> reading = ahead.remove(part);
        if (reading == null) {
            drop(); // the order is another one now
            reading = start(part);
        } else {
            bytes -= part.length;
        }
        Part following = next.get(part);
        // As many as may be ahead, and no more: what follows what may be a circle that this part is not in.
        for (int i = 0; i < MOST_PARTS && following != null; i++) {
            if (!ahead.containsKey(following)) {
                if (bytes + following.length > MOST) {
                    break;
                }
                ahead.put(following, start(following));
                bytes += following.length;
            }
            following = next.get(following);
        }
        return reading;
    }

    private CompletableFuture<Tensor> start(Part part) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Tensor buffer = Scopes.own(() -> Ops.empty(DType.U8, Device.CPU, part.length));
                    try {
                        Scopes.run(() -> part.file.read(buffer, part.offset));
                        return buffer;
                    } catch (RuntimeException e) {
                        Scopes.release(buffer);
                        throw e;
                    }
                },
                thread);
    }

    /** Frees what nobody asked for. */
    @SuppressWarnings("FutureReturnValueIgnored") // a read that failed left nothing to free
    private void drop() {
        ahead.values().forEach(reading -> reading.thenAccept(Scopes::release));
        ahead.clear();
        bytes = 0;
    }

    /** Waits for what is being read, which nobody gets any more. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            drop();
        }
        CompletableFuture.runAsync(() -> {}, thread).join();
        thread.shutdown();
    }
}
