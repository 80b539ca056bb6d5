package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A LoRA that is to be trained.
 *
 * @param targets which layers get one
 * @param rank of every layer
 * @param alpha as large as the rank where nothing is to be scaled
 * @param init what A begins with; B begins with zero, so that nothing is changed
 */
public record LoraConfig(LoraTargets targets, int rank, double alpha, Init init) {
    /** What A begins with. */
    public enum Init {
        /** Uniform in ±1/√fan-in (He et al. 2015 with a = √5, as libtorch begins linear layers): peft's default. */
        KAIMING,
        /** Normal with a standard deviation of 1/rank: what the training scripts of diffusers choose. */
        GAUSSIAN
    }

    public LoraConfig {
        if (rank < 1 || !(alpha > 0)) {
            throw new IllegalArgumentException(
                    "LoRA: got rank [%d] and alpha [%s], wanted both positive".formatted(rank, alpha));
        }
    }

    /** As the training scripts of diffusers: attentions only, alpha as the rank. */
    public static LoraConfig of(int rank) {
        return new LoraConfig(LoraTargets.ATTENTION, rank, rank, Init.GAUSSIAN);
    }

    public LoraConfig withTargets(LoraTargets value) {
        return new LoraConfig(value, rank, alpha, init);
    }

    public LoraConfig withAlpha(double value) {
        return new LoraConfig(targets, rank, value, init);
    }

    public LoraConfig withInit(Init value) {
        return new LoraConfig(targets, rank, alpha, value);
    }

    /**
     * Makes A and B in fp32 for every target of a model.
     *
     * @param shapes of the model's weights by name, as {@link dev.latente.weights.WeightSources#shapes} tells them
     * @param arena that is to own them
     * @throws IllegalArgumentException if the model has no such layer
     */
    public Lora create(Map<String, List<Long>> shapes, Rng rng, Device device, Arena arena) {
        Map<String, LowRank> layers = new LinkedHashMap<>();
        shapes.forEach((name, sizes) -> {
            if (sizes.size() > 1 && targets.take(name)) {
                long[] down = sizes.stream().mapToLong(Long::longValue).toArray();
                long[] up = new long[down.length];
                Arrays.fill(up, 1);
                up[0] = down[0];
                up[1] = rank;
                down[0] = rank;
                Tensor a = arena.own(() -> Ops.to(begin(rng, down), device));
                Tensor b = arena.own(() -> Ops.zeros(DType.F32, device, up));
                layers.put(name, new LowRank(a, b, alpha));
            }
        });
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "LoRA: none of the model's %d weights is a target".formatted(shapes.size()));
        }
        return new Lora(layers);
    }

    private Tensor begin(Rng rng, long[] shape) {
        double fanIn = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
        return switch (init) {
            case KAIMING -> Ops.mul(Ops.sub(rng.uniform(shape), 0.5), 2 / Math.sqrt(fanIn));
            case GAUSSIAN -> Ops.mul(rng.normal(shape), 1.0 / rank);
        };
    }
}
