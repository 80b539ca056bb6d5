package dev.latente.training.recipe;

import dev.latente.image.VaeImages;
import dev.latente.pipelines.Size;
import dev.latente.training.data.Batch;
import dev.latente.training.data.BatchPlan;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.Example;
import dev.latente.training.data.Loader;
import dev.latente.training.data.Prefetch;
import dev.latente.training.data.SkippedExamples;
import dev.latente.training.data.UnreadableExampleException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The examples of a run, opened: their plan, and their batches, which are loaded ahead. */
final class TrainingData implements AutoCloseable {
    private static final int AHEAD = 4;
    private static final int THREADS = 2;

    private final DataConfig config;
    private final RunWatcher watcher;
    private final Dataset data;
    private final SkippedExamples skipped = new SkippedExamples();
    private final BatchPlan plan;
    private final Loader loader;
    private @Nullable Prefetch<Batch> ahead;

    TrainingData(DataConfig config, long seed, RunWatcher watcher) {
        this.config = config;
        this.watcher = watcher;
        data = config.source().open();
        plan = BatchPlan.of(data, config.sizes(), config.batch(), seed, skipped);
        loader = new Loader(data, plan, config.augment(), seed, skipped);
    }

    DataConfig config() {
        return config;
    }

    Dataset examples() {
        return data;
    }

    BatchPlan plan() {
        return plan;
    }

    SkippedExamples skipped() {
        return skipped;
    }

    /** Tells that latents of so many pictures are there. */
    void encoded(long done, long total) {
        watcher.encoded(done, total);
    }

    RunWatcher watcher() {
        return watcher;
    }

    /** The batch of each micro-batch; fastest in about their order. Thread-safe. */
    LongFunction<Batch> batches() {
        return index -> ahead(index).at(index);
    }

    private synchronized Prefetch<Batch> ahead(long first) {
        Prefetch<Batch> loading = ahead == null ? new Prefetch<>(loader::batch, first, AHEAD, THREADS) : ahead;
        ahead = loading;
        return loading;
    }

    /** One batch, not loaded ahead. */
    Batch batch(long index) {
        return loader.batch(index);
    }

    /** All examples at one size, cut from the middle. */
    Dataset fitted() {
        Size size = new Size(config.size(), config.size());
        return new Dataset() {
            @Override
            public int size() {
                return data.size();
            }

            @Override
            public String name(int index) {
                return data.name(index);
            }

            @Override
            public Size pictureSize(int index) {
                return size;
            }

            @Override
            public Example get(int index) {
                Example e = readable(index);
                return new Example(
                        e.name(),
                        VaeImages.fit(e.picture().rgb(), size.width(), size.height(), VaeImages.Fit.CROP),
                        e.captions());
            }
        };
    }

    /** The example, or the next one that can be read. */
    private Example readable(int index) {
        for (int i = 0; i < data.size(); i++) {
            try {
                return data.get((index + i) % data.size());
            } catch (UnreadableExampleException e) {
                skipped.add(e.skipped());
            }
        }
        throw new IllegalStateException("none of the [%d] pictures can be read".formatted(data.size()));
    }

    @Override
    public void close() {
        if (ahead != null) {
            ahead.close();
        }
        data.close();
    }
}
