package dev.latente.training.tuning;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.training.data.Batch;
import dev.latente.training.data.ControlPictures;
import dev.latente.training.data.Sample;
import dev.latente.training.data.TensorCache;
import dev.latente.training.tasks.LatentBatch;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batches of pictures of any size, encoded when they are asked for, or from the disk where they were encoded before. Immutable;
 * the {@code with} methods return a changed copy.
 */
public final class EncodedBatches implements LongFunction<LatentBatch> {
    private final Base base;
    private final LongFunction<Batch> batches;
    private final @Nullable ControlPictures control;
    private final Function<Sample, Tensor> moments;

    private EncodedBatches(
            Base base,
            LongFunction<Batch> batches,
            @Nullable ControlPictures control,
            Function<Sample, Tensor> moments) {
        this.base = base;
        this.batches = batches;
        this.control = control;
        this.moments = moments;
    }

    /**
     * With a checkpoint's autoencoder.
     *
     * @param batches by number, such as {@link dev.latente.training.data.Loader#batch}
     */
    public EncodedBatches(Base base, LongFunction<Batch> batches) {
        this(base, batches, null, sample -> encode(base, sample));
    }

    /**
     * Keeps latents on the disk. Worth it where the same crops come again.
     *
     * @param identity says which autoencoder and which pictures these are, such as hashes
     */
    public EncodedBatches withCache(TensorCache cache, String identity) {
        return new EncodedBatches(
                base,
                batches,
                control,
                sample -> cache.getOrMake(
                                TensorCache.key(identity, sample.name(), sample.micro(), sample.flipped()),
                                () -> Map.of("moments", encode(base, sample)))
                        .values()
                        .iterator()
                        .next());
    }

    /** With what a ControlNet is shown. */
    public EncodedBatches withControl(ControlPictures pictures) {
        return new EncodedBatches(base, batches, pictures, moments);
    }

    @Override
    public LatentBatch apply(long index) {
        Batch batch = batches.apply(index);
        Tensor latents = Ops.cat(0, batch.samples().stream().map(moments).toArray(Tensor[]::new));
        LatentBatch encoded = LatentBatch.of(
                latents,
                batch.captions(),
                batch.samples().stream().map(Sample::micro).toList());
        return control == null
                ? encoded
                : encoded.withControl(Ops.cat(
                        0,
                        batch.samples().stream()
                                .map(control::of)
                                .map(Picture::toTensor)
                                .toArray(Tensor[]::new)));
    }

    /** [1,2·C,h,w]. */
    private static Tensor encode(Base base, Sample sample) {
        return Scopes.keep(
                () -> base.encode(VaeImages.normalize(sample.picture().toTensor())));
    }
}
