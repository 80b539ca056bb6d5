package dev.latente.bench;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.compression.Plan;
import dev.latente.weights.compression.Plan.Layer;
import dev.latente.weights.compression.Quantization;
import dev.latente.weights.compression.RelativeError;
import dev.latente.weights.layout.CheckpointFiles;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/**
 * How much the output of a U-Net changes when one of its layers alone is quantised.
 *
 * @param errors relative, by layer
 */
public record Sensitivity(Map<Layer, Double> errors) {
    private static final String UNET = "unet";

    public Sensitivity {
        errors = Collections.unmodifiableMap(new LinkedHashMap<>(errors));
    }

    /**
     * Measures each layer of the plan that it quantises, in fp32 on the CPU, for random input of a seed.
     *
     * @param progress told of each layer
     */
    public static Sensitivity of(CheckpointFiles files, Plan plan, int bits, long seed, IntConsumer progress) {
        UNetConfig config = UNetConfig.of(files.config(UNET));
        WeightSource weights = WeightSources.cast(files.weights(UNET), DType.F32, Device.CPU);
        Map<Layer, Double> errors = new LinkedHashMap<>();
        Scopes.run(() -> {
            Tensor exact = output(config, weights, seed);
            for (Layer layer : plan.layers()) {
                if (layer.part().equals(UNET) && !plan.kept().contains(layer)) {
                    Quantization one = new Quantization(bits, layer.weight()::equals);
                    errors.put(
                            layer,
                            Scopes.within(() -> RelativeError.of(exact, output(config, one.over(weights), seed))));
                    progress.accept(errors.size());
                }
            }
        });
        return new Sensitivity(errors);
    }

    private static Tensor output(UNetConfig config, WeightSource weights, long seed) {
        return Scopes.keep(() -> {
            try (Arena arena = new Arena()) {
                UNet2DCondition unet = new UNet2DCondition(Params.of(weights, arena), config);
                return Ops.to(RandomCall.of(unet, DType.F32, Device.CPU, seed), DType.F32);
            }
        });
    }

    /**
     * The layers that gain most from 16 bits, for what they take, first. Errors of layers know nothing of each other, so that
     * their squares add up: what counts is the square for each element.
     */
    public List<Layer> worstFirst(Plan plan) {
        Comparator<Layer> byGain = Comparator.comparingDouble(layer -> {
            double error = errors.getOrDefault(layer, 0.0);
            return error * error / plan.shape(layer).stream().reduce(1L, Math::multiplyExact);
        });
        return errors.keySet().stream().sorted(byGain.reversed()).toList();
    }
}
