package dev.latente.training.data;

import dev.latente.training.Awaited;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Loads the next steps on background threads while the current one is learned from. What is loaded must not be native, as
 * scopes belong to threads. Thread-safe: fastest for those who together ask for all steps in about their order.
 *
 * @param <T> what a step is loaded as
 */
public final class Prefetch<T> implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final LongFunction<T> load;
    private final ExecutorService threads;
    private final Map<Long, Future<T>> ahead = new HashMap<>();
    private final int depth;
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
        this.depth = depth;
        this.threads = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "prefetch-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        restart(first);
    }

    /** That step, as soon as it is loaded; what its loading threw is thrown here. */
    public T at(long step) {
        Future<T> loading;
        synchronized (this) {
            if (step >= next) {
                restart(step);
            }
            loading = ahead.remove(step);
            if (loading != null) {
                submit();
            }
        }
        return loading == null ? load.apply(step) : Awaited.of(loading::get, "while a batch was loaded");
    }

    private void restart(long first) {
        ahead.values().forEach(f -> f.cancel(false));
        ahead.clear();
        next = first;
        for (int i = 0; i < depth; i++) {
            submit();
        }
    }

    private void submit() {
        long step = next++;
        ahead.put(step, threads.submit(() -> load.apply(step)));
    }

    /** Stops loading, and waits for what is being loaded: an interrupted read would close the dataset's files. */
    @Override
    public void close() {
        synchronized (this) {
            ahead.values().forEach(f -> f.cancel(false));
            ahead.clear();
        }
        threads.shutdown();
        try {
            threads.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
