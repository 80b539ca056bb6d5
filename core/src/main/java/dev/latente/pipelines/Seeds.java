package dev.latente.pipelines;

import dev.latente.diffusion.NoiseSource;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Where the noise of a batch comes from.
 *
 * @param values one seed for each picture, so that a picture does not depend on its batch; or a single one for all of them
 */
public record Seeds(List<Long> values) {
    public Seeds {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("seeds: got none, wanted at least one");
        }
    }

    /** One generator draws for the whole batch, as the reference does with one generator. */
    public static Seeds of(long seed) {
        return new Seeds(List.of(seed));
    }

    /** A generator for each picture, with the seeds {@code first}, {@code first + 1}, … */
    public static Seeds each(long first, int count) {
        return new Seeds(LongStream.range(first, first + count).boxed().toList());
    }

    /** The seed that picture {@code index} is told to have been made with. */
    public long seed(int index) {
        return values.get(Math.min(index, values.size() - 1));
    }

    Noise open(Device device) {
        return new Noise(values.stream().map(Rng::new).toList(), device);
    }

    /** The generators of one run. */
    static final class Noise implements NoiseSource, AutoCloseable {
        private final List<Rng> generators;
        private final Device device;

        Noise(List<Rng> generators, Device device) {
            this.generators = generators;
            this.device = device;
        }

        /** The generator of the first picture alone; closed with this. */
        Noise first() {
            return new Noise(generators.subList(0, 1), device);
        }

        /** Whether each picture has its own generator, which then draws for that picture alone. */
        boolean each() {
            return generators.size() > 1;
        }

        @Override
        public Tensor normal(long... shape) {
            if (!each()) {
                return Ops.to(generators.get(0).normal(shape), device);
            }
            if (shape[0] != generators.size()) {
                throw new IllegalArgumentException("seeds: got [%d], wanted one, or one for each of %d pictures"
                        .formatted(generators.size(), shape[0]));
            }
            long[] one = shape.clone();
            one[0] = 1;
            Tensor[] parts = generators.stream().map(g -> g.normal(one)).toArray(Tensor[]::new);
            return Ops.to(Ops.cat(0, parts), device);
        }

        @Override
        public void close() {
            generators.forEach(Rng::close);
        }
    }
}
