package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The tensors that an adapter file has for one layer, and what change they make. */
final class LayerParts {
    private final TensorFile file;
    private final Map<String, String> keys = new LinkedHashMap<>(); // of tensors in the file, by part

    LayerParts(TensorFile file) {
        this.file = file;
    }

    /** @throws WeightsException if the file has that part under another name, too */
    void add(String part, String key) {
        String before = keys.put(part, key);
        if (before != null) {
            throw new WeightsException(file.path(), key, "is the same as [%s]".formatted(before));
        }
    }

    boolean has(String part) {
        return keys.containsKey(part);
    }

    /** The names of the tensors in the file. */
    List<String> keys() {
        return List.copyOf(keys.values());
    }

    /** A name of the layer's tensors, for messages. */
    String first() {
        return keys.values().iterator().next();
    }

    /** The difference of the layer's bias, or null. */
    @Nullable
    Change bias(Arena arena) {
        return has(LoraKey.DIFF_BIAS) ? new Difference(tensor(LoraKey.DIFF_BIAS, arena), 1) : null;
    }

    /**
     * What the layer's weight is changed by; null if it is only its bias.
     *
     * @param metadata says alpha where no tensor does
     * @throws WeightsException if parts are missing or do not fit together
     */
    @Nullable
    Change weight(Metadata metadata, Arena arena) {
        try {
            if (has(LoraKey.IA3)) {
                boolean inputs = has(LoraKey.ON_INPUT) && Scopes.within(() -> number(LoraKey.ON_INPUT)) != 0;
                return new Rescaling(tensor(LoraKey.IA3, arena), inputs);
            }
            Change.Delta delta = delta(metadata, arena);
            if (delta != null && has(LoraKey.MAGNITUDE)) {
                return new Decomposed(delta, tensor(LoraKey.MAGNITUDE, arena), false);
            }
            if (delta != null && has(LoraKey.DORA_SCALE)) {
                Tensor magnitude = tensor(LoraKey.DORA_SCALE, arena);
                return new Decomposed(delta, magnitude, magnitude.dim() > 1 && magnitude.size(0) == 1);
            }
            return delta;
        } catch (IllegalArgumentException e) {
            throw new WeightsException(file.path(), first(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What is known of a layer beside its tensors. */
    @FunctionalInterface
    interface Metadata {
        /** What the product of factors of that rank is divided by the rank of; the rank itself where nothing is said. */
        double alpha(long rank);
    }

    private Change.@Nullable Delta delta(Metadata metadata, Arena arena) {
        if (has("hada_w1_a")) {
            Factor first = hadamard("1", arena);
            return new Hadamard(List.of(first, hadamard("2", arena)), factor(first.rank(), metadata));
        }
        if (has("lokr_w1") || has("lokr_w1_a")) {
            Factor first = kronecker("1", arena);
            Factor second = kronecker("2", arena);
            boolean whole = first.isWhole() && second.isWhole();
            long rank = second.isWhole() ? first.rank() : second.rank();
            return new Kronecker(first, second, whole ? scalar() : factor(rank, metadata));
        }
        if (has(LoraKey.DIFF)) {
            return new Difference(tensor(LoraKey.DIFF, arena), scalar());
        }
        if (!has(LoraKey.A) && !has(LoraKey.B) && has(LoraKey.DIFF_BIAS)) {
            return null;
        }
        Tensor down = tensor(LoraKey.A, arena);
        Tensor up = tensor(LoraKey.B, arena);
        if (has(LoraKey.MID)) {
            Factor tucker = Factor.tucker(up, down, tensor(LoraKey.MID, arena));
            return new Hadamard(List.of(tucker), factor(tucker.rank(), metadata));
        }
        return new LowRank(down, up, alpha(down.size(0), metadata) * scalar());
    }

    private Factor hadamard(String index, Arena arena) {
        String core = "hada_t" + index;
        return new Factor(
                tensor("hada_w" + index + "_a", arena),
                tensor("hada_w" + index + "_b", arena),
                has(core) ? tensor(core, arena) : null);
    }

    private Factor kronecker(String index, Arena arena) {
        String name = "lokr_w" + index;
        String core = "lokr_t" + index;
        return has(name)
                ? new Factor(tensor(name, arena), null, null)
                : new Factor(
                        tensor(name + "_a", arena), tensor(name + "_b", arena), has(core) ? tensor(core, arena) : null);
    }

    private double factor(long rank, Metadata metadata) {
        return alpha(rank, metadata) / (double) rank * scalar();
    }

    private double alpha(long rank, Metadata metadata) {
        return alpha().orElseGet(() -> metadata.alpha(rank));
    }

    private double scalar() {
        return has(LoraKey.SCALAR) ? Scopes.within(() -> number(LoraKey.SCALAR)) : 1;
    }

    private double number(String part) {
        double[] values = Ops.doubles(file.tensor(key(part)));
        if (values.length != 1) {
            throw new IllegalArgumentException("has %d numbers as %s, wanted one".formatted(values.length, part));
        }
        return values[0];
    }

    private Tensor tensor(String part, Arena arena) {
        String key = key(part);
        return arena.own(() -> file.tensor(key));
    }

    /** Alpha, if a tensor says it. */
    OptionalDouble alpha() {
        return has(LoraKey.ALPHA)
                ? OptionalDouble.of(Scopes.within(() -> number(LoraKey.ALPHA)))
                : OptionalDouble.empty();
    }

    /** The name of a part in the file. */
    String key(String part) {
        String key = keys.get(part);
        if (key == null) {
            throw new IllegalArgumentException("has no other half: wanted [%s], too".formatted(part));
        }
        return key;
    }
}
