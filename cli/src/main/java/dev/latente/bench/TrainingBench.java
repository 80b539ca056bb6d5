package dev.latente.bench;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import dev.latente.training.losses.SquaredError;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * How fast a U-Net learns, by the loop of every trainer: random latents, noise and text states; forward, squared error,
 * backward, clipping at 1, AdamW.
 *
 * @param batch pictures of a step
 * @param tokens of each text
 * @param workers threads that share a step; they divide the batch
 */
public record TrainingBench(UNetConfig config, int batch, int tokens, DType dtype, int workers) {
    private static final int WARM_UP = 3;

    public TrainingBench {
        if (workers < 1 || batch % workers != 0) {
            throw new IllegalArgumentException(
                    "--workers: got [%d], wanted a divisor of the batch [%d]".formatted(workers, batch));
        }
    }

    /** Reads a U-Net's {@code config.json}. */
    public static TrainingBench of(Path config, int batch, int tokens, DType dtype, int workers) {
        return new TrainingBench(UNetConfig.of(Json.read(config)), batch, tokens, dtype, workers);
    }

    /** Numbers that learn. */
    public long parameters() {
        return Shapes.of(p -> new UNet2DCondition(p, config)).values().stream()
                .mapToLong(shape -> LongStream.of(shape).reduce(1, Math::multiplyExact))
                .sum();
    }

    /** Seconds of each step, after three that warm up. */
    public List<Double> run(int steps) {
        List<Double> seconds = new ArrayList<>();
        long[] last = {System.nanoTime()};
        TrainingListener clock = new TrainingListener() {
            @Override
            public void step(Step step) {
                long now = System.nanoTime();
                seconds.add((now - last[0]) / 1e9);
                last[0] = now;
            }
        };
        TrainingConfig run = TrainingConfig.builder(steps + WARM_UP, 1e-4)
                .seed(1)
                .dtype(dtype)
                .accumulation(workers)
                .workers(workers)
                .saveEvery(Long.MAX_VALUE)
                .build();
        try (TemporaryFolder folder = new TemporaryFolder();
                Parameters parameters =
                        new Parameters(Shapes.of(p -> new UNet2DCondition(p, config)), Initial.of(1), Device.CPU);
                Trainer trainer = new Trainer(folder.path(), run, parameters, task(), List.of(clock))) {
            trainer.run(() -> false);
        }
        return seconds.subList(WARM_UP, seconds.size());
    }

    private Task task() {
        long side = config.sampleSize();
        long share = batch / workers;
        return (weights, turn) -> {
            try (Arena arena = new Arena();
                    Rng rng = turn.rng("bench")) {
                UNet2DCondition unet = new UNet2DCondition(Params.of(weights, arena), config);
                Tensor latents = rng.normal(share, config.inChannels(), side, side);
                Tensor noise = rng.normal(share, config.outChannels(), side, side);
                Tensor states = rng.normal(share, tokens, contextSize());
                Tensor timesteps = rng.integers(0, 1000, share);
                Tensor prediction =
                        unet.forward(Ops.to(latents, dtype), timesteps, UNetConditioning.text(Ops.to(states, dtype)));
                return Task.Loss.of(SquaredError.mean(prediction, noise));
            }
        };
    }

    private long contextSize() {
        return config.down().stream()
                .mapToLong(UNetConfig.Stage::contextSize)
                .max()
                .orElseThrow();
    }

    /** A run's checkpoint and log, which nobody wants afterwards. */
    private record TemporaryFolder(Path path) implements AutoCloseable {
        TemporaryFolder() {
            this(create());
        }

        private static Path create() {
            try {
                return Files.createTempDirectory("latente-bench");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try (Stream<Path> all = Files.walk(path)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
