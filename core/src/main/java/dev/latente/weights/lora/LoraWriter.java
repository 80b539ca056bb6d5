package dev.latente.weights.lora;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Writes LoRA files as other programs read them. Immutable; the {@code with} methods return a changed copy. */
public final class LoraWriter {
    /** How kohya's scripts begin the names of a model's layers; with two text encoders they are numbered. */
    private static final Map<String, String> KOHYA =
            Map.of("unet", "lora_unet_", "text_encoder", "lora_te1_", "text_encoder_2", "lora_te2_");

    private final Map<String, Lora> loras;
    private final DType dtype;
    private final Map<String, String> metadata;

    private LoraWriter(Map<String, Lora> loras, DType dtype, Map<String, String> metadata) {
        this.loras = loras;
        this.dtype = dtype;
        this.metadata = metadata;
    }

    /**
     * For the changes of a checkpoint, in fp32.
     *
     * @param loras by model: unet, text_encoder, text_encoder_2
     */
    public static LoraWriter of(Map<String, Lora> loras) {
        return new LoraWriter(new TreeMap<>(loras), DType.F32, Map.of());
    }

    public LoraWriter withDType(DType value) {
        return new LoraWriter(loras, value, metadata);
    }

    /** Text to store in the header beside what the layout wants there. */
    public LoraWriter withMetadata(Map<String, String> text) {
        return new LoraWriter(loras, dtype, Map.copyOf(text));
    }

    /**
     * Writes {@code pytorch_lora_weights.safetensors} as diffusers and peft do: {@code unet.….lora_A.weight}, ranks and alphas
     * in the header.
     *
     * @throws WeightsException if it cannot be written
     */
    public void writeDiffusers(Path file) {
        Map<String, Supplier<Tensor>> tensors = new LinkedHashMap<>();
        loras.forEach((model, lora) -> lora.layers().forEach((weight, change) -> {
            String name = model + "." + LoraTargets.module(weight);
            tensors.put(name + ".lora_A.weight", change::a);
            tensors.put(name + ".lora_B.weight", change::b);
        }));
        write(file, tensors, Map.of("format", "pt", PeftMetadata.KEY, PeftMetadata.text(loras)));
    }

    /**
     * Writes a file as kohya's scripts do: {@code lora_unet_….lora_down.weight}, {@code lora_up.weight} and {@code alpha}, with
     * the names of diffusers.
     *
     * @throws WeightsException if it cannot be written
     */
    public void writeKohya(Path file) {
        Map<String, Supplier<Tensor>> tensors = new LinkedHashMap<>();
        loras.forEach((model, lora) -> lora.layers().forEach((weight, change) -> {
            String name = prefix(model) + LayerNames.flat(LoraTargets.module(weight));
            tensors.put(name + ".lora_down.weight", change::a);
            tensors.put(name + ".lora_up.weight", change::b);
            tensors.put(name + ".alpha", () -> Ops.full(change.alpha(), DType.F32, Device.CPU));
        }));
        List<LowRank> all = loras.values().stream()
                .flatMap(lora -> lora.layers().values().stream())
                .toList();
        Map<String, String> text = new TreeMap<>();
        text.put("ss_network_module", "networks.lora");
        text.put("ss_network_dim", PeftMetadata.number(PeftMetadata.usual(all, LowRank::rank)));
        text.put("ss_network_alpha", PeftMetadata.number(PeftMetadata.usual(all, LowRank::alpha)));
        write(file, tensors, text);
    }

    private String prefix(String model) {
        String prefix = KOHYA.get(model);
        if (prefix == null) {
            throw new IllegalArgumentException(
                    "LoRA of [%s]: kohya's layout knows %s".formatted(model, KOHYA.keySet()));
        }
        return loras.containsKey("text_encoder_2") ? prefix : prefix.replace("te1", "te");
    }

    private void write(Path file, Map<String, Supplier<Tensor>> tensors, Map<String, String> text) {
        List<TensorInfo> infos = new ArrayList<>();
        tensors.forEach((name, tensor) -> {
            boolean alpha = name.endsWith(".alpha");
            DType type = alpha ? DType.F32 : dtype;
            List<Long> shape = alpha
                    ? List.of()
                    : Arrays.stream(Ops.shape(tensor.get())).boxed().toList();
            long count = shape.stream().reduce(1L, Math::multiplyExact);
            infos.add(new TensorInfo(name, type.code(), shape, count * type.bytes()));
        });
        Map<String, String> all = new TreeMap<>(metadata);
        all.putAll(text);
        SafetensorsWriter.of(
                        infos,
                        name -> stored(
                                name, Objects.requireNonNull(tensors.get(name)).get()))
                .withMetadata(all)
                .write(file);
    }

    private Tensor stored(String name, Tensor x) {
        return name.endsWith(".alpha") ? x : Ops.to(x.detach(), dtype, Device.CPU);
    }
}
