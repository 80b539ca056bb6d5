package dev.latente.training.tuning;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;

/** Weights that are read once, laid out as layers want them, and kept for all steps. Thread-safe. */
final class Frozen implements WeightSource {
    private final WeightSource stored;
    private final Set<String> keys;
    private final Arena arena;
    private final DType dtype;
    private final Device device;
    private final Map<String, Tensor> kept = new ConcurrentHashMap<>();

    Frozen(WeightSource stored, Arena arena, DType dtype, Device device) {
        this.stored = stored;
        this.keys = stored.keys();
        this.arena = arena;
        this.dtype = dtype;
        this.device = device;
    }

    @Override
    public Set<String> keys() {
        return keys;
    }

    @Override
    public String origin() {
        return stored.origin();
    }

    @Override
    public Tensor get(String key, long... shape) {
        return Ops.to(kept.computeIfAbsent(key, k -> arena.own(() -> read(k, shape))), dtype);
    }

    private Tensor read(String key, long... shape) {
        Tensor x = Ops.to(stored.get(key, shape), dtype, device);
        return x.dim() == 4 ? Ops.channelsLast(x) : x;
    }
}
