package dev.latente.weights.compression;

import dev.latente.tensor.DType;
import dev.latente.weights.QuantizedWeights;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which layers of some models are quantised and which stay in 16 bits, and what the files take then. Everything that is no
 * layer is in 16 bits. Immutable; the {@code keeping} methods return a changed copy.
 */
public final class Plan {
    /**
     * The weight of a layer.
     *
     * @param part the model, such as unet
     * @param weight its name
     */
    public record Layer(String part, String weight) {}

    private final Map<String, Map<String, List<Long>>> parts;
    private final int bits;
    private final Set<Layer> kept;

    private Plan(Map<String, Map<String, List<Long>>> parts, int bits, Set<Layer> kept) {
        this.parts = parts;
        this.bits = bits;
        this.kept = Collections.unmodifiableSet(kept);
    }

    /**
     * Quantises every layer.
     *
     * @param parts names and shapes of the weights of each model
     * @param bits 8 or 4
     */
    public static Plan of(Map<String, Map<String, List<Long>>> parts, int bits) {
        return new Plan(Collections.unmodifiableMap(new LinkedHashMap<>(parts)), bits, Set.of());
    }

    public Set<String> parts() {
        return parts.keySet();
    }

    /** The layers of all parts, in the order of their weights. */
    public List<Layer> layers() {
        return parts.entrySet().stream()
                .flatMap(part -> Layers.of(part.getValue()).stream().map(w -> new Layer(part.getKey(), w)))
                .toList();
    }

    public List<Long> shape(Layer layer) {
        List<Long> shape = weights(layer.part).get(layer.weight);
        if (shape == null) {
            throw new IllegalArgumentException("layer [%s] is not in [%s]".formatted(layer.weight, layer.part));
        }
        return shape;
    }

    /** Those of {@link #layers} that stay in 16 bits. */
    public Set<Layer> kept() {
        return kept;
    }

    /** Keeps the layers, whatever they take. */
    public Plan keeping(List<Layer> layers) {
        Set<Layer> more = new LinkedHashSet<>(kept);
        more.addAll(layers);
        return new Plan(parts, bits, more);
    }

    /** Keeps as many of the layers as fit, the first before the others, so that the files take at most so many bytes. */
    public Plan keeping(List<Layer> layers, long most) {
        Plan plan = this;
        for (Layer layer : layers) {
            Plan larger = plan.keeping(List.of(layer));
            plan = larger.bytes() <= most ? larger : plan;
        }
        return plan;
    }

    /**
     * The layers that the patterns name: the path of a layer or its end, where a star stands for anything, such as
     * {@code conv_in} or {@code time_embedding.*}. Those of the first pattern come first.
     */
    public List<Layer> matching(List<String> patterns) {
        Set<Layer> found = new LinkedHashSet<>();
        for (String pattern : patterns) {
            Pattern names = Pattern.compile("(.*\\.)?" + Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
            layers().stream()
                    .filter(layer -> names.matcher(Layers.module(layer.weight)).matches())
                    .forEach(found::add);
        }
        return List.copyOf(found);
    }

    /** What is done to the weights of a part. */
    public Quantization of(String part) {
        return new Quantization(bits, weight -> !kept.contains(new Layer(part, weight)));
    }

    /** Bytes of the files of all parts. */
    public long bytes() {
        return parts.keySet().stream().mapToLong(this::bytes).sum();
    }

    /** Bytes of the file of a part. */
    public long bytes(String part) {
        return bytes(weights(part), of(part));
    }

    /** What {@link #bytes()} would be with every weight in 16 bits. */
    public long halfBytes() {
        return parts.keySet().stream().mapToLong(this::halfBytes).sum();
    }

    /** What {@link #bytes(String)} would be with every weight in 16 bits. */
    public long halfBytes(String part) {
        return bytes(weights(part), new Quantization(bits, weight -> false));
    }

    private Map<String, List<Long>> weights(String part) {
        return parts.getOrDefault(part, Map.of());
    }

    private static long bytes(Map<String, List<Long>> weights, Quantization quantization) {
        List<TensorInfo> infos = new ArrayList<>();
        weights.forEach((name, shape) -> {
            long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
            if (quantization.takes(name, dims)) {
                infos.addAll(QuantizedWeights.describe(name, shape, quantization.bits()));
            } else {
                long count = shape.stream().reduce(1L, Math::multiplyExact);
                infos.add(new TensorInfo(name, DType.F16.code(), shape, count * DType.F16.bytes()));
            }
        });
        return SafetensorsWriter.bytes(infos);
    }
}
