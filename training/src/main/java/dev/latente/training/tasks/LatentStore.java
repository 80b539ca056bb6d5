package dev.latente.training.tasks;

import dev.latente.image.VaeImages;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.training.Turn;
import dev.latente.training.data.BatchPlan;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.Example;
import dev.latente.training.data.TensorCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The latents of all pictures of a dataset, encoded once, kept in memory in 16 bits and on the disk, so that the autoencoder
 * does not run during training. For pictures of one size without random crops.
 */
public final class LatentStore implements AutoCloseable {
    private static final int SHARD = 256;
    private static final int AT_ONCE = 16;

    private final Arena arena = new Arena();
    private final List<Tensor> shards = new ArrayList<>();
    private final List<List<String>> captions = new ArrayList<>();
    private final List<Micro> micros = new ArrayList<>();

    /**
     * Encodes what the disk does not have yet.
     *
     * @param identity says which autoencoder and which pictures these are, such as hashes
     * @param progress told how many pictures are done
     */
    public LatentStore(Dataset data, AutoencoderKL vae, TensorCache cache, String identity, LongConsumer progress) {
        for (int from = 0; from < data.size(); from += SHARD) {
            int first = from;
            int count = Math.min(SHARD, data.size() - from);
            List<Example> examples = IntStream.range(first, first + count)
                    .parallel()
                    .mapToObj(data::get)
                    .toList();
            for (Example e : examples) {
                captions.add(e.captions());
                micros.add(Micro.whole(new Size(e.picture().width(), e.picture().height())));
            }
            shards.add(arena.own(() -> cache.getOrMake(
                            TensorCache.key(identity, first, count), () -> Map.of("moments", encode(vae, examples)))
                    .values()
                    .iterator()
                    .next()
                    .clone()));
            progress.accept(first + count);
        }
    }

    /** Moments of pictures of one size, fp16 [n,2·C,h,w]. */
    private static Tensor encode(AutoencoderKL vae, List<Example> examples) {
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < examples.size(); from += AT_ONCE) {
            List<Example> some = examples.subList(from, Math.min(examples.size(), from + AT_ONCE));
            parts.add(Scopes.keep(() -> {
                Tensor x = Ops.cat(
                        0,
                        some.stream()
                                .map(e -> VaeImages.normalize(e.picture().toTensor()))
                                .toArray(Tensor[]::new));
                Moments moments = new Moments(Ops.to(vae.encode(x).parameters(), DType.F32, Device.CPU));
                return Ops.to(Ops.cat(1, moments.mean(), moments.std()), DType.F16);
            }));
        }
        return Ops.cat(0, parts.toArray(new Tensor[0]));
    }

    /** Standard deviation of all latents: its inverse is the scaling factor that gives them unit variance. */
    public double std() {
        return Scopes.within(() -> std(shards));
    }

    /** The same of the first examples, none of which is kept. */
    public static double std(Dataset data, int most, AutoencoderKL vae) {
        List<Example> examples = IntStream.range(0, Math.min(most, data.size()))
                .parallel()
                .mapToObj(data::get)
                .toList();
        return Scopes.within(() -> std(List.of(encode(vae, examples))));
    }

    private static double std(List<Tensor> shards) {
        double sum = 0;
        long n = 0;
        for (Tensor shard : shards) {
            Tensor mean = Ops.to(Ops.chunk(shard, 2, 1)[0], DType.F32);
            sum += mean.square().sum().item_double();
            n += mean.numel();
        }
        return Math.sqrt(sum / n);
    }

    /** The batches that a plan says; which of its captions an example has is drawn anew each time. */
    public LongFunction<LatentBatch> batches(BatchPlan plan, long seed) {
        return index -> {
            SplittableRandom random = new SplittableRandom(new Turn(seed, index, 0, 1).seed("captions"));
            List<Integer> examples = plan.at(index).examples();
            Tensor rows = Ops.stack(0, examples.stream().map(this::row).toArray(Tensor[]::new));
            List<String> texts = examples.stream()
                    .map(captions::get)
                    .map(all -> all.isEmpty() ? "" : all.get(random.nextInt(all.size())))
                    .toList();
            List<Micro> sizes = examples.stream().map(micros::get).toList();
            return LatentBatch.of(Ops.to(rows, DType.F32), texts, sizes);
        };
    }

    private Tensor row(int index) {
        return shards.get(index / SHARD).select(0, index % SHARD);
    }

    @Override
    public void close() {
        arena.close();
    }
}
