package dev.latente.weights.layout;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.Quantized;
import dev.latente.weights.QuantizedWeights;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Writes a checkpoint in another layout, tensor by tensor: no more than one weight is in memory. */
public final class Converter {
    /** A tensor of a file that is written. */
    private record Stored(TensorInfo info, Supplier<Tensor> value) {}

    private final CheckpointFiles from;
    private final @Nullable DType dtype;
    private final Map<String, WeightSource> changed;
    private final LongConsumer progress;

    /**
     * For an opened checkpoint, which must stay open.
     *
     * @param dtype of the written weights, or null to keep what they have; integers keep it always
     */
    public Converter(CheckpointFiles from, @Nullable DType dtype) {
        this(from, dtype, Map.of(), bytes -> {});
    }

    private Converter(
            CheckpointFiles from, @Nullable DType dtype, Map<String, WeightSource> changed, LongConsumer progress) {
        this.from = from;
        this.dtype = dtype;
        this.changed = changed;
        this.progress = progress;
    }

    /**
     * Takes the weights that these sources know from them, by model, such as unet: what a training changed. What they have as
     * whole numbers is written so in folders.
     */
    public Converter withWeights(Map<String, WeightSource> models) {
        return new Converter(from, dtype, Map.copyOf(models), progress);
    }

    /** Told how many more bytes of weights were written. */
    public Converter withProgress(LongConsumer listener) {
        return new Converter(from, dtype, changed, listener);
    }

    /**
     * Writes a folder of diffusers; without tokenizers, where the checkpoint has none. Weights that are stored quantised stay
     * so where no dtype is wanted, and {@code config.json} says which.
     *
     * @throws WeightsException if it cannot be written
     */
    public void toFolder(Path folder) {
        for (String component : from.components()) {
            Path target = folder.resolve(from.family().folder(component));
            create(target);
            List<Stored> tensors = new ArrayList<>();
            QuantizationConfig quantization = new QuantizationConfig();
            from.stored(component).shapes().forEach((name, shape) -> {
                List<Stored> quantized = quantized(component, name, shape, quantization);
                tensors.addAll(quantized.isEmpty() ? List.of(plain(name, () -> tensor(component, name))) : quantized);
            });
            Json.write(target.resolve("config.json"), quantization.in(from.config(component)));
            boolean text = component.startsWith("text_encoder");
            write(tensors, target.resolve((text ? "model" : "diffusion_pytorch_model") + ".safetensors"), Map.of());
        }
        for (String name : List.of("tokenizer", "tokenizer_2", "tokenizer_3")) {
            Path tokenizer = from.tokenizer(name);
            if (tokenizer != null) {
                copy(tokenizer, folder.resolve(from.family().folder(name)));
            }
        }
        create(folder.resolve("scheduler"));
        Json.write(folder.resolve("scheduler").resolve("scheduler_config.json"), from.schedulerConfig());
        Json.write(folder.resolve("model_index.json"), from.modelIndex());
        if (!from.usual().isEmpty()) {
            Json.write(folder.resolve("latente.json"), from.usual());
        }
    }

    /**
     * Writes a single safetensors file in the layout of the original code.
     *
     * @throws WeightsException if it cannot be written, or a model has no place in that layout
     */
    public void toSingleFile(Path file) {
        List<Stored> tensors = new ArrayList<>();
        for (String component : from.components()) {
            original(component).forEach((name, tensor) -> tensors.add(plain(name, tensor)));
        }
        String type = from.schedulerConfig().path("prediction_type").asString("epsilon");
        String spec = type.equals("v_prediction") ? "v" : type;
        boolean flow = from.family().isFlow(); // the name of its transformer says what it predicts
        write(tensors, file, flow ? Map.of("format", "pt") : Map.of("format", "pt", "modelspec.prediction_type", spec));
    }

    /** The weights of a model under their original names. */
    private Map<String, Supplier<Tensor>> original(String component) {
        ComponentWeights weights = from.stored(component);
        SingleFile.Root root = SingleFile.root(component, from.family());
        KeyMap map = root == null ? new KeyMap() : root.layout().keys(weights.keys());
        Map<String, Supplier<Tensor>> tensors = new LinkedHashMap<>();
        for (String name : weights.keys()) {
            KeyMap.Place place = map.ofCanonical(name);
            if (root == null || place == null) {
                throw new WeightsException("%s: %s: tensor [%s] has no place in a single file of family [%s]"
                        .formatted(from, component, name, from.family()));
            }
            tensors.put(
                    root.prefix() + place.stored(),
                    () -> place.shaping()
                            .write(place.canonical().stream()
                                    .map(part -> tensor(component, part))
                                    .toList()));
        }
        return tensors;
    }

    private Tensor tensor(String component, String name) {
        Tensor stored = from.tensor(component, name);
        WeightSource values = changed.get(component);
        return values == null || !values.keys().contains(name) ? stored : values.get(name, Ops.shape(stored));
    }

    private Stored plain(String name, Supplier<Tensor> tensor) {
        return new Stored(Scopes.within(() -> info(name, tensor.get())), () -> cast(tensor.get()));
    }

    /** The weight and its scales, where it is to be written as whole numbers; else nothing. */
    private List<Stored> quantized(String component, String name, List<Long> shape, QuantizationConfig config) {
        Supplier<@Nullable Quantized> values = () -> quantized(component, name, shape);
        return Scopes.within(() -> {
            Quantized first = values.get();
            config.add(name, shape, first);
            if (first == null) {
                return List.of();
            }
            // Scales are written long before their weights: they are kept, and the weights made again.
            float[] scales = Ops.floats(first.scales());
            List<Stored> stored = new ArrayList<>();
            for (TensorInfo info : QuantizedWeights.describe(name, shape, first.bits())) {
                stored.add(new Stored(
                        info,
                        () -> info.name().equals(name)
                                ? QuantizedWeights.pack(Objects.requireNonNull(values.get()))
                                : Ops.of(scales, info.dims())));
            }
            return stored;
        });
    }

    private @Nullable Quantized quantized(String component, String name, List<Long> shape) {
        WeightSource values = changed.get(component);
        if (values != null && values.keys().contains(name)) {
            return values.quantized(
                    name, shape.stream().mapToLong(Long::longValue).toArray());
        }
        return dtype == null ? from.stored(component).quantizedTensor(name) : null;
    }

    private void write(List<Stored> tensors, Path file, Map<String, String> metadata) {
        Map<String, Stored> byName = new LinkedHashMap<>();
        tensors.forEach(t -> byName.put(t.info.name(), t));
        SafetensorsWriter.of(
                        tensors.stream().map(Stored::info).toList(),
                        name -> Objects.requireNonNull(byName.get(name)).value.get())
                .withMetadata(metadata)
                .withProgress(progress)
                .write(file);
    }

    private DType type(Tensor x) {
        return dtype == null || !Ops.dtype(x).isFloating() ? Ops.dtype(x) : dtype;
    }

    private Tensor cast(Tensor x) {
        return Ops.to(x, type(x), Device.CPU);
    }

    private TensorInfo info(String name, Tensor x) {
        DType type = type(x);
        List<Long> shape = Arrays.stream(Ops.shape(x)).boxed().toList();
        return new TensorInfo(name, type.code(), shape, x.numel() * type.bytes());
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WeightsException(folder, null, "cannot be made: " + e.getMessage(), e);
        }
    }

    private static void copy(Path from, Path to) {
        create(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new WeightsException(to, null, "cannot be written: " + e.getMessage(), e);
        }
    }
}
