package dev.latente.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response body as a stream that fails where it stalls and where its reader is interrupted: the stream of
 * {@code java.net.http} does neither on Java 17.
 */
final class Body extends InputStream implements HttpResponse.BodySubscriber<Body> {
    /** What must arrive in one stall timeout. */
    private static final int LEAST = 1024;

    /** What stands for the end among what arrived; no other list is empty. */
    private static final List<ByteBuffer> END = List.of();

    private final BlockingQueue<List<ByteBuffer>> arrived = new LinkedBlockingQueue<>();
    private final Queue<ByteBuffer> current = new ArrayDeque<>();
    private final Duration stall;
    private volatile @Nullable Throwable failure;
    private Flow.@Nullable Subscription subscription;
    private boolean closed;
    private boolean ended;
    private long waitedNanos;
    private long sinceWait;

    Body(Duration stall) {
        this.stall = stall;
    }

    @Override
    public CompletionStage<Body> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        if (buffers.isEmpty()) {
            more();
        } else {
            arrived.add(buffers);
        }
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        arrived.add(END);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (current.isEmpty() || !current.element().hasRemaining()) {
            current.poll();
            if (current.isEmpty() && !fill()) {
                return -1;
            }
        }
        int count = Math.min(length, current.element().remaining());
        current.element().get(bytes, offset, count);
        return count;
    }

    private boolean fill() throws IOException {
        if (!ended) {
            List<ByteBuffer> next = await();
            ended = next.isEmpty();
            current.addAll(next);
            more();
        }
        Throwable cause = failure;
        if (ended && cause != null) {
            throw new IOException("the connection was cut: " + cause.getMessage(), cause);
        }
        return !ended;
    }

    /** Only the time that the reader waits counts, so that a slow disk is not taken for a slow server. */
    private List<ByteBuffer> await() throws IOException {
        long start = System.nanoTime();
        List<ByteBuffer> next;
        try {
            next = arrived.poll(stall.toNanos() - waitedNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        if (next == null) {
            throw new HttpTimeoutException("less than %d bytes came in %d ms".formatted(LEAST, stall.toMillis()));
        }
        waitedNanos += System.nanoTime() - start;
        sinceWait += next.stream().mapToLong(ByteBuffer::remaining).sum();
        if (sinceWait >= LEAST) {
            waitedNanos = 0;
            sinceWait = 0;
        }
        return next;
    }

    /** Drops the connection where the body has not ended. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    private synchronized void more() {
        if (subscription != null) {
            subscription.request(1);
        }
    }
}
