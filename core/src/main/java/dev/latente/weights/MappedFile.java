package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Mapped;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A regular file whose head is read as a stream and whose data is mapped: anew for each tensor, so that the pages of a weight
 * that was copied are given back at once, and not when the whole file is done with; or read each time, where it is not to stay
 * in memory. Thread-safe; views stay valid after it is closed.
 */
final class MappedFile implements AutoCloseable {
    /** What is read at once; less than a buffer can hold. */
    private static final long PORTION = 1 << 30;

    private final Path path;
    private final long size;
    private final @Nullable ReadAhead reads;
    private @Nullable FileChannel channel;
    private volatile boolean closed;

    private MappedFile(Path path, long size, @Nullable ReadAhead reads) {
        this.path = path;
        this.size = size;
        this.reads = reads;
    }

    /** Looks at the file without opening it, so that a pipe cannot block. */
    static MappedFile of(Path path) {
        return of(path, null);
    }

    /** As {@link #of(Path)}; its data is mapped if {@code reads} is null. */
    static MappedFile of(Path path, @Nullable ReadAhead reads) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                String what = attributes.isDirectory() ? "directory" : "pipe, socket or device";
                throw new WeightsException(path, null, "is a %s, wanted a file".formatted(what));
            }
            return new MappedFile(path, attributes.size(), reads);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static WeightsException unreadable(Path path, IOException e) {
        String why = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        if (e instanceof NoSuchFileException) {
            why = "it does not exist";
        } else if (e instanceof AccessDeniedException) {
            why = "permission denied";
        }
        return new WeightsException(path, null, "cannot be read: " + why, e);
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** The bytes [offset, offset + length) of the file; ends early only if the file does. */
    InputStream stream(long offset, long length) throws IOException {
        FileChannel channel = FileChannel.open(path);
        return new InputStream() {
            private long position = offset;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] b, int from, int count) throws IOException {
                long left = offset + length - position;
                if (left <= 0) {
                    return -1;
                }
                int n = channel.read(ByteBuffer.wrap(b, from, (int) Math.min(count, left)), position);
                position += Math.max(0, n);
                return n;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    /** A view of the bytes at {@code offset}, which the caller has checked to lie within {@link #size()}. */
    Tensor view(String tensor, long offset, DType dtype, long... shape) {
        if (closed) {
            throw new WeightsException(path, tensor, "was closed before the tensor was read");
        }
        long length = Arrays.stream(shape).reduce(dtype.bytes(), Math::multiplyExact);
        if (reads == null || length == 0) {
            return mapped(tensor, offset, dtype, shape);
        }
        try {
            return Mapped.view(reads.read(this, offset, length), 0, dtype, shape);
        } catch (IOException e) {
            throw new WeightsException(path, tensor, "cannot be read: " + e.getMessage(), e);
        }
    }

    private Tensor mapped(String tensor, long offset, DType dtype, long... shape) {
        try {
            // Touching a mapped page behind the end of the file would kill the process.
            long now = Files.size(path);
            if (now != size) {
                throw new WeightsException(
                        path, tensor, "the file had %d bytes when it was opened, now %d".formatted(size, now));
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return Scopes.keep(() -> Mapped.view(bytes(tensor), offset, dtype, shape));
    }

    /** All of the file, mapped for as long as any view of it lives. */
    private Tensor bytes(String tensor) {
        try {
            return Mapped.file(path.toString(), size);
        } catch (RuntimeException e) {
            String line =
                    Objects.toString(e.getMessage(), "").lines().findFirst().orElse("");
            throw new WeightsException(path, tensor, "cannot be mapped: " + line, e);
        }
    }

    /**
     * Fills a byte tensor with what begins at {@code offset}.
     *
     * @throws UncheckedIOException if it cannot be read, or the file ends before
     */
    void read(Tensor into, long offset) {
        try {
            FileChannel from = channel();
            for (long at = 0; at < into.size(0); at += PORTION) {
                ByteBuffer portion = Ops.buffer(Ops.slice(into, 0, at, at + PORTION));
                while (portion.hasRemaining()) {
                    long position = offset + at + portion.position();
                    if (from.read(portion, position) < 0) {
                        throw new EOFException(
                                "the file had %d bytes when it was opened, now %d".formatted(size, from.size()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized FileChannel channel() throws IOException {
        if (channel == null) {
            channel = FileChannel.open(path);
        }
        return channel;
    }

    /** @throws UncheckedIOException if the system says that it could not */
    @Override
    public synchronized void close() {
        closed = true;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
