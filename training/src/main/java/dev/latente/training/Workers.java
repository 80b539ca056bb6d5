package dev.latente.training;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that share the micro-batches of a step. Each adds up gradients of its own on its share of the processor's cores;
 * then these are added in the order of workers, so that a step does not depend on who was faster. Small models train faster
 * so: their operations are too short to be cut into pieces for all cores.
 */
final class Workers implements AutoCloseable {
    private final List<Parameters> parameters = new ArrayList<>();
    private final ExecutorService threads;

    /** What is done with a micro-batch; the result must not be native. */
    @FunctionalInterface
    interface Work<T> {
        T on(Parameters parameters, int part);
    }

    /**
     * @param first of the run, which the first worker adds its gradients to
     * @param count 1 for the calling thread
     */
    Workers(Parameters first, int count) {
        parameters.add(first);
        for (int i = 1; i < count; i++) {
            parameters.add(first.beside());
        }
        int cores = Math.max(1, Ops.threads() / count);
        threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(
                    () -> {
                        Ops.setThreads(cores);
                        task.run();
                    },
                    "training");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Leaves the sum of all gradients with the first parameters; returns the results in the order of micro-batches. */
    <T> Collection<T> run(int parts, Work<T> work) {
        ConcurrentSkipListMap<Integer, T> results = new ConcurrentSkipListMap<>();
        if (parameters.size() == 1) {
            share(0, parts, work, results);
            return results.values();
        }
        List<Callable<Void>> shares = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            int worker = i;
            shares.add(() -> {
                share(worker, parts, work, results);
                return null;
            });
        }
        Awaited.of(
                () -> {
                    for (Future<Void> share : threads.invokeAll(shares)) {
                        share.get();
                    }
                    return shares;
                },
                "in the middle of a step");
        parameters.stream().skip(1).forEach(p -> parameters.get(0).gradients().add_(p.gradients()));
        return results.values();
    }

    private <T> void share(int worker, int parts, Work<T> work, ConcurrentSkipListMap<Integer, T> results) {
        Parameters own = parameters.get(worker);
        Scopes.run(() -> own.gradients().zero_());
        for (int i = worker; i < parts; i += parameters.size()) {
            int part = i;
            results.put(part, Scopes.within(() -> work.on(own, part)));
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        parameters.stream().skip(1).forEach(Parameters::close);
    }
}
