package dev.latente.training.tuning;

import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Tensors at hand as a source of weights. */
record Values(Map<String, Tensor> tensors) implements WeightSource {
    static WeightSource of(Map<String, Tensor> tensors) {
        return new Values(tensors);
    }

    @Override
    public Set<String> keys() {
        return tensors.keySet();
    }

    @Override
    public Tensor get(String key, long... shape) {
        Tensor x = tensors.get(key);
        if (x == null) {
            throw new WeightsException("weights: [%s] is missing".formatted(key));
        }
        return x;
    }

    static Path directory(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WeightsException(folder, null, "cannot be made: " + e.getMessage(), e);
        }
    }
}
