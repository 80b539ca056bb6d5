package dev.latente.training.data;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Loads the next steps on background threads while the current one is learned from; hands them out in order. What is loaded
 * must not be native, as scopes belong to threads. For one consumer.
 *
 * @param <T> what a step is loaded as
 */
public final class Prefetch<T> implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final LongFunction<T> load;
    private final ExecutorService threads;
    private final Queue<Future<T>> ahead = new ArrayDeque<>();
    private long next;

    /**
     * Begins to load.
     *
     * @param load loads a step; called from several threads at once
     * @param first step
     * @param depth how many steps are loaded or being loaded at most
     */
    public Prefetch(LongFunction<T> load, long first, int depth, int threads) {
        if (depth < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "prefetch: got depth [%d] and [%d] threads, wanted at least one of each".formatted(depth, threads));
        }
        this.load = load;
        this.next = first;
        this.threads = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "prefetch-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < depth; i++) {
            submit();
        }
    }

    /** The next step, as soon as it is loaded; what its loading threw is thrown here. */
    public T next() {
        Future<T> head = ahead.element();
        try {
            T loaded = head.get();
            ahead.remove();
            submit();
            return loaded;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException stopped = new CancellationException("interrupted while a batch was loaded");
            stopped.initCause(e);
            throw stopped;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void submit() {
        long step = next++;
        ahead.add(threads.submit(() -> load.apply(step)));
    }

    /** Stops loading, and waits for what is being loaded: an interrupted read would close the dataset's files. */
    @Override
    public void close() {
        ahead.forEach(f -> f.cancel(false));
        ahead.clear();
        threads.shutdown();
        try {
            threads.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
