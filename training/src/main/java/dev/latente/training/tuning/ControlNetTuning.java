package dev.latente.training.tuning;

import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.nn.Shapes;
import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.training.Parameters;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A ControlNet beside the U-Net learns, and the U-Net stays as it is (Zhang et al. 2023, section 3). */
public final class ControlNetTuning implements Tuning {
    /** Of the convolutions that look at the control picture, in Zhang et al. 2023, for pictures 8 times the latents' size. */
    private static final List<Integer> CHANNELS = List.of(16, 32, 96, 256);

    private final Base base;
    private final @Nullable Path start;
    private final JsonNode json;
    private final ControlNetConfig config;

    /**
     * Beside a checkpoint's U-Net.
     *
     * @param start a ControlNet to go on with, a folder or a file; null for a copy of the U-Net with zero convolutions
     */
    public ControlNetTuning(Base base, @Nullable Path start) {
        this.base = base;
        this.start = start;
        json = start == null ? fresh(base) : started(start, ModelFiles::config);
        config = ControlNetConfig.of(json);
        if (config.factor() != base.vae().config().factor()) {
            throw new IllegalArgumentException(
                    "controlnet: is made for latents of [%d] pixels a side, the autoencoder of %s has [%d]"
                            .formatted(
                                    config.factor(), base, base.vae().config().factor()));
        }
    }

    private static JsonNode fresh(Base base) {
        ObjectNode json = (ObjectNode) ControlNetConfig.forUNet(base.files().config("unet"));
        int halvings = Integer.numberOfTrailingZeros(base.vae().config().factor());
        json.putPOJO("conditioning_embedding_out_channels", CHANNELS.subList(0, halvings + 1));
        return Json.parse(Json.text(json));
    }

    private static <T> T started(Path folder, Function<ModelFiles, T> read) {
        try (ModelFiles files = ModelFiles.open(folder, "controlnet", null)) {
            return read.apply(files);
        }
    }

    @Override
    public Parameters parameters(long seed) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes().forEach((name, shape) -> shapes.put("controlnet." + name, shape));
        return start == null
                ? parameters(shapes, ControlNet.fromUNet(base.files().weights("unet"), seed))
                : started(start, files -> parameters(shapes, files.weights()));
    }

    private Parameters parameters(Map<String, long[]> shapes, WeightSource initial) {
        return new Parameters(shapes, WeightSources.joined(Map.of("controlnet.", initial)), base.device());
    }

    private Map<String, long[]> shapes() {
        return Shapes.of(p -> new ControlNet(p, config));
    }

    @Override
    public DiffusionTask.Model model() {
        return base.model().withControl(config);
    }

    @Override
    public WeightSource weights(WeightSource learning) {
        return base.with(Map.of("controlnet", WeightSources.below(learning, "controlnet.")));
    }

    /** Writes a folder of diffusers' {@code ControlNetModel}. */
    @Override
    public Path write(Path folder, WeightSource learned, DType dtype) {
        Json.write(Values.directory(folder).resolve("config.json"), json);
        Map<String, long[]> shapes = shapes();
        List<TensorInfo> infos = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            List<Long> sizes = Arrays.stream(shape).boxed().toList();
            long elements = sizes.stream().reduce(1L, Math::multiplyExact);
            infos.add(new TensorInfo(name, dtype.code(), sizes, elements * dtype.bytes()));
        });
        SafetensorsWriter.of(infos, name -> stored(learned, name, shapes.getOrDefault(name, new long[0]), dtype))
                .withMetadata(Map.of("format", "pt"))
                .write(folder.resolve("diffusion_pytorch_model.safetensors"));
        return folder;
    }

    /** The checkpoint alone: a ControlNet is loaded beside it. */
    @Override
    public Checkpoint load(Path written) {
        return Checkpoint.load(base.path(), base.options());
    }

    private static Tensor stored(WeightSource learned, String name, long[] shape, DType dtype) {
        return Ops.to(learned.get("controlnet." + name, shape), dtype, Device.CPU);
    }
}
