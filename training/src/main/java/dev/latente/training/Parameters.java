package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights that learn: fp32 masters (Micikevicius et al. 2018, section 3.1) that lie one after the other in one buffer,
 * their gradients in a second one. So an optimiser, an average or a checkpoint works on a few long vectors, while a model
 * sees named tensors.
 */
public final class Parameters implements AutoCloseable {
    /** Elements that a weight's start is aligned to: a cache line of floats. */
    private static final long ALIGNMENT = 16;

    @SuppressWarnings("ArrayRecordComponent")
    private record Slot(long offset, long[] shape) {
        Tensor of(Tensor buffer) {
            long n = 1;
            for (long d : shape) {
                n *= d;
            }
            return buffer.narrow(0, offset, n).view(shape);
        }
    }

    private final Arena arena = new Arena();
    private final Map<String, Slot> slots;
    private final Map<String, Tensor> leaves = new LinkedHashMap<>();
    private final Tensor values;
    private final Tensor gradients;

    /**
     * Copies the weights of these names and shapes.
     *
     * @param initial what they start as, in any dtype
     */
    public Parameters(Map<String, long[]> shapes, WeightSource initial, Device device) {
        slots = new LinkedHashMap<>();
        long end = 0;
        for (Map.Entry<String, long[]> each : shapes.entrySet()) {
            Slot slot = new Slot(end, each.getValue());
            slots.put(each.getKey(), slot);
            long n = 1;
            for (long d : each.getValue()) {
                n *= d;
            }
            end += (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        long size = end;
        values = arena.own(() -> Ops.zeros(DType.F32, device, size));
        gradients = arena.own(() -> Ops.zeros(DType.F32, device, size));
        slots.forEach((name, slot) -> Scopes.run(() -> slot.of(values).copy_(initial.get(name, slot.shape))));
        addLeaves();
    }

    private Parameters(Parameters other) {
        slots = other.slots;
        values = arena.own(() -> new Tensor(other.values));
        gradients = arena.own(() -> Ops.zeros(DType.F32, Ops.device(other.gradients), other.gradients.numel()));
        addLeaves();
    }

    private void addLeaves() {
        slots.forEach((name, slot) ->
                leaves.put(name, arena.own(() -> Autograd.leaf(slot.of(values), slot.of(gradients)))));
    }

    /** The same values with gradients of their own, for a thread beside this one's. Close it before these. */
    public Parameters beside() {
        return new Parameters(this);
    }

    /** All values, fp32 [n]; some elements belong to no weight and are zero. */
    public Tensor values() {
        return values;
    }

    /** The gradients that backward has added up, fp32 [n]. */
    public Tensor gradients() {
        return gradients;
    }

    /** Numbers that learn. */
    public long count() {
        return leaves.values().stream().mapToLong(Tensor::numel).sum();
    }

    public Set<String> names() {
        return slots.keySet();
    }

    /** A buffer laid out as {@link #values}, by name: views of it, in the caller's scope. */
    public Map<String, Tensor> named(Tensor buffer) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        slots.forEach((name, slot) -> views.put(name, slot.of(buffer)));
        return views;
    }

    /** The weights with their gradients' paths, in the dtype that a model is to compute in. */
    public WeightSource source(DType dtype) {
        return source((name, slot) -> Ops.to(leaves.getOrDefault(name, values), dtype));
    }

    /** The values of a buffer laid out as {@link #values}, such as an average; nothing is recorded. */
    public WeightSource source(Tensor buffer, DType dtype) {
        return source((name, slot) -> Ops.to(slot.of(buffer), dtype));
    }

    private interface View {
        Tensor of(String name, Slot slot);
    }

    private WeightSource source(View view) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return slots.keySet();
            }

            @Override
            public String origin() {
                return "parameters";
            }

            @Override
            public Tensor get(String key, long... shape) {
                Slot slot = slots.get(key);
                if (slot == null || !java.util.Arrays.equals(slot.shape, shape)) {
                    throw new WeightsException("parameters: [%s]: got %s, wanted %s"
                            .formatted(
                                    key,
                                    slot == null ? "none" : java.util.Arrays.toString(slot.shape),
                                    java.util.Arrays.toString(shape)));
                }
                return view.of(key, slot);
            }
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
