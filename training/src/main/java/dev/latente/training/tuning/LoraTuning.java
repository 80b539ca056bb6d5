package dev.latente.training.tuning;

import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.training.Parameters;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraConfig;
import dev.latente.weights.lora.LoraWriter;
import dev.latente.weights.lora.LowRank;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** Low-rank changes of some layers learn (Hu et al. 2021), under the names of the weights with {@code .A} and {@code .B}. */
public final class LoraTuning implements Tuning {
    private static final String A = ".A";
    private static final String B = ".B";

    /** A layer that is changed: its weight and the shapes of both factors. */
    @SuppressWarnings("ArrayRecordComponent") // private, and never compared
    private record Layer(String weight, long[] a, long[] b) {}

    private final Base base;
    private final Map<String, LoraConfig> parts;
    private final Map<String, List<Layer>> layers = new LinkedHashMap<>();

    /**
     * For the parts of a checkpoint.
     *
     * @param parts which of them are changed, and how: unet, text_encoder, text_encoder_2
     * @throws IllegalArgumentException if a part has no layer that is meant
     */
    public LoraTuning(Base base, Map<String, LoraConfig> parts) {
        this.base = base;
        this.parts = new TreeMap<>(parts);
        try (Arena arena = new Arena();
                Rng any = new Rng(0)) {
            create(any, Device.META, arena)
                    .forEach((part, lora) -> layers.put(
                            part,
                            lora.layers().entrySet().stream()
                                    .map(e -> new Layer(
                                            e.getKey(),
                                            Ops.shape(e.getValue().a()),
                                            Ops.shape(e.getValue().b())))
                                    .toList()));
        }
    }

    private Map<String, Lora> create(Rng rng, Device device, Arena arena) {
        Map<String, Lora> loras = new LinkedHashMap<>();
        parts.forEach((part, config) -> {
            Map<String, List<Long>> shapes = new LinkedHashMap<>();
            base.shapes(part)
                    .forEach((name, shape) ->
                            shapes.put(name, Arrays.stream(shape).boxed().toList()));
            loras.put(part, config.create(shapes, rng, device, arena));
        });
        return loras;
    }

    @Override
    public Parameters parameters(long seed) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, Tensor> initial = new LinkedHashMap<>();
        try (Arena arena = new Arena();
                Rng rng = new Rng(seed)) {
            create(rng, base.device(), arena)
                    .forEach((part, lora) -> lora.layers().forEach((weight, change) -> {
                        initial.put(part + "." + weight + A, change.a());
                        initial.put(part + "." + weight + B, change.b());
                    }));
            initial.forEach((name, x) -> shapes.put(name, Ops.shape(x)));
            return new Parameters(shapes, Values.of(initial), base.device());
        }
    }

    @Override
    public DiffusionTask.Model model() {
        return base.model();
    }

    @Override
    public WeightSource weights(WeightSource learning) {
        Map<String, WeightSource> changed = new LinkedHashMap<>();
        loras(learning).forEach((part, lora) -> changed.put(part, Lora.withLora(base.weights(part), lora, 1)));
        return base.with(changed);
    }

    /** The changes by part, made of the weights that learn. */
    public Map<String, Lora> loras(WeightSource learning) {
        Map<String, Lora> loras = new LinkedHashMap<>();
        parts.forEach((part, config) -> {
            Map<String, LowRank> changes = new LinkedHashMap<>();
            for (Layer layer : layers.getOrDefault(part, List.of())) {
                String name = part + "." + layer.weight;
                changes.put(
                        layer.weight,
                        new LowRank(learning.get(name + A, layer.a), learning.get(name + B, layer.b), config.alpha()));
            }
            loras.put(part, new Lora(changes));
        });
        return loras;
    }

    /** Writes {@code pytorch_lora_weights.safetensors} for diffusers and peft, and {@code kohya.safetensors} for the others. */
    @Override
    public Path write(Path folder, WeightSource learned, DType dtype) {
        Path file = Values.directory(folder).resolve("pytorch_lora_weights.safetensors");
        LoraWriter writer = LoraWriter.of(loras(learned)).withDType(dtype);
        writer.writeDiffusers(file);
        writer.writeKohya(folder.resolve("kohya.safetensors"));
        return file;
    }

    @Override
    public Checkpoint load(Path written) {
        return Checkpoint.load(base.path(), base.options().withLora(written, 1));
    }
}
