package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.latente.models.adapters.BlockScales;
import dev.latente.models.adapters.IpAdapter;
import dev.latente.models.adapters.IpAdapterConfig;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.clip.ClipVisionModel;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.ImageContext;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a budget says of networks beside a checkpoint is what they turn out to hold. */
class CompanionTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path SD1 = GOLDEN.resolve("pipelines/sd1/model");
    private static final Path CONTROL = GOLDEN.resolve("control");
    private static final Path IP = CONTROL.resolve("ip_adapter_plus_sd1/ip-adapter-plus.bin");
    private static final Path ENCODER = CONTROL.resolve("ip_adapter_plus_sd1/image_encoder");
    private static final Path NET = CONTROL.resolve("controlnet_sd1/controlnet");
    private static final Path T2I = CONTROL.resolve("t2i_light_adapter/adapter");
    private static final Path T2I_XL = CONTROL.resolve("t2i_full_adapter_xl/adapter");

    private static final Size SIZE = new Size(48, 32);
    private static final int FACTOR = 4;
    private static final int BATCH = 2;

    private static final long GB = 1_000_000_000;

    @Test
    void aControlNetLeavesItsFeaturesToTheUNet() {
        Companion companion = Companion.controlNet(NET, LoadOptions.DEFAULT);
        try (Arena arena = new Arena()) {
            ControlNet net = load(
                    NET, "controlnet", companion, arena, (p, json) -> new ControlNet(p, ControlNetConfig.of(json)));
            Scopes.run(() -> {
                Tensor hint = net.hint(normal(1, 3, SIZE.height(), SIZE.width()));
                Tensor sample = normal(BATCH, 4, SIZE.height() / FACTOR, SIZE.width() / FACTOR);
                UNetConditioning text = UNetConditioning.text(normal(BATCH, 5, 32));
                Features features = net.forward(sample, Ops.full(9, DType.F32, Device.CPU, 1), text, hint);
                long values = features.middle().numel()
                        + features.skips().stream().mapToLong(Tensor::numel).sum();
                Companion.Work work = companion.shape().at(SIZE, FACTOR, BATCH);
                assertThat(work.kept()).isEqualTo(hint.numel());
                assertThat(work.left()).isEqualTo(2 * values); // they, and their sum with the U-Net's
                assertThat(work.call()).isGreaterThanOrEqualTo(3 * values);
                assertThat(work.seeing()).isGreaterThan(3L * SIZE.height() * SIZE.width() + hint.numel());
            });
        }
    }

    @Test
    void aT2IAdapterKeepsWhatItSaw() {
        for (Path path : List.of(T2I, T2I_XL)) {
            Companion companion = Companion.t2iAdapter(path, LoadOptions.DEFAULT);
            Size size = new Size(96, 64);
            try (T2IAdapterCheckpoint loaded = T2IAdapterCheckpoint.load(path)) {
                long values =
                        Scopes.within(() -> loaded.adapter().forward(normal(1, 3, size.height(), size.width())).stream()
                                .mapToLong(Tensor::numel)
                                .sum());
                Companion.Work work = companion.shape().at(size, FACTOR, BATCH);
                assertThat(work.kept()).isEqualTo(2 * values);
                assertThat(work.left()).isEqualTo(BATCH * values);
                assertThat(work.seeing()).isGreaterThan(values);
            }
            assertThat(companion.part().name()).isEqualTo("t2i_adapter");
            assertThat(companion.part().bytes()).isPositive();
        }
    }

    @Test
    void anIpAdapterIsCountedWithItsEncoder() {
        List<Companion> both = Companion.ipAdapter(IP, ENCODER, 3, LoadOptions.DEFAULT);
        assertThat(both).extracting(each -> each.part().name()).containsExactly("ip_adapter", "image_encoder");
        try (Arena arena = new Arena();
                CheckpointFiles files = CheckpointFiles.open(SD1);
                TensorFile file = TensorFiles.open(IP)) {
            IpAdapter adapter = build(file, both.get(0), arena, p -> new IpAdapter(p, IpAdapterConfig.of(file)));
            ClipVisionModel encoder = load(
                    ENCODER,
                    "image_encoder",
                    both.get(1),
                    arena,
                    (p, json) -> new ClipVisionModel(p, ClipVisionConfig.of(json)));
            Scopes.run(() -> {
                Tensor states = encoder.forward(normal(3, 3, 16, 16)).penultimate();
                Tensor tokens = adapter.tokens(Ops.cat(0, states.unsqueeze(0), states.unsqueeze(0)));
                ImageContext context = adapter.context(tokens, UNetConfig.of(files.config("unet")), BlockScales.of(1));
                long keysAndValues = context.blocks().values().stream()
                        .flatMap(List::stream)
                        .mapToLong(each -> each.keys().numel() + each.values().numel())
                        .sum();
                // Both once more for each picture of a batch, and the values before their scale.
                assertThat(both.get(0).shape().at(SIZE, FACTOR, BATCH).kept()).isEqualTo(keysAndValues * 5 / 2);
                assertThat(both.get(1).shape().at(SIZE, FACTOR, BATCH).seeing())
                        .isGreaterThan(4 * states.numel()); // three layers give one each, and there is an input
            });
        }
        // Alone it has seen states of an encoder of the usual size.
        assertThat(Companion.ipAdapter(IP, null, 3, LoadOptions.DEFAULT)).hasSize(1);
    }

    @Test
    void theBudgetOfAllIsTheSumOfWeightsAndTheLargestMoment() {
        try (CheckpointFiles files = CheckpointFiles.open(SD1)) {
            MemoryBudget alone = MemoryBudget.of(files, DType.F32, SIZE, 1);
            Companion net = Companion.controlNet(NET, LoadOptions.DEFAULT);
            Companion t2i = Companion.t2iAdapter(T2I, LoadOptions.DEFAULT);
            MemoryBudget steered = MemoryBudget.of(files, List.of(net, net, t2i), DType.F32, SIZE, 1);
            assertThat(steered.parts())
                    .extracting(MemoryBudget.Part::name)
                    .endsWith("controlnet", "controlnet 2", "t2i_adapter");
            assertThat(weights(steered) - weights(alone))
                    .isEqualTo(2 * net.part().bytes() + t2i.part().bytes());
            Companion.Work left = net.shape().at(SIZE, FACTOR, BATCH);
            Companion.Work features = t2i.shape().at(SIZE, FACTOR, BATCH);
            long values = 2 * (left.kept() + left.left()) + features.kept() + features.left();
            assertThat(steered.step() - alone.step()).isCloseTo(Math.round(2.2 * 4 * values), within(4L));
            assertThat(steered.decode()).isEqualTo(alone.decode());

            MemoryBudget refined = steered.and("refiner", alone);
            assertThat(weights(refined)).isEqualTo(weights(steered) + weights(alone));
            assertThat(refined.parts()).extracting(MemoryBudget.Part::name).contains("unet", "refiner unet");
            assertThat(refined.step()).isEqualTo(steered.step());
        }
        assertThatThrownBy(() -> Companion.controlNet(CONTROL, LoadOptions.DEFAULT))
                .isInstanceOf(WeightsException.class);
    }

    @Test
    void whatOneDoesNotNeedIsForTheOthers() {
        MemoryBudget.Loaded large = loaded(3 * GB);
        MemoryBudget.Loaded small = loaded(GB / 10);
        MemoryBudget budget =
                new MemoryBudget(List.of(large, small, large), GB, GB, GB, GB / 20, GB / 4, Residency.ALL, false);
        MemoryBudget some = budget.within(4 * GB);
        assertThat(some.total()).isCloseTo(4 * GB, within(4L));
        // 0.94 of it, without 0.05 of the heap, 0.25 of libraries, a step, 0.46 for what is read, and the small one
        assertThat((double) some.residency().kept()).isCloseTo((0.94 * 4 - 1.3 - 0.47 - 0.1) / 2 * GB, relative(0.01));
    }

    private static Offset<Double> relative(double share) {
        return within(share * GB);
    }

    private static MemoryBudget.Loaded loaded(long bytes) {
        return new MemoryBudget.Loaded(List.of(new MemoryBudget.Part("unet", DType.BF16, bytes, 0, 0)));
    }

    private static long weights(MemoryBudget budget) {
        return budget.parts().stream().mapToLong(MemoryBudget.Part::bytes).sum();
    }

    private static Tensor normal(long... shape) {
        try (Rng rng = new Rng(1)) {
            return rng.normal(shape);
        }
    }

    private static <T> T load(
            Path path, String name, Companion companion, Arena arena, BiFunction<Params, JsonNode, T> model) {
        try (ModelFiles files = ModelFiles.open(path, name, null)) {
            return build(files.weights(), companion, arena, p -> model.apply(p, files.config()));
        }
    }

    /** Loads it and compares what its weights take with what was said that they would. */
    private static <T> T build(WeightSource weights, Companion companion, Arena arena, Function<Params, T> model) {
        long before = arena.bytes();
        Params params = Params.of(WeightSources.cast(weights, DType.F32, Device.CPU), arena, WeightLayout.PREPARED);
        T built = model.apply(params);
        params.requireAllUsed();
        // Kernels pad the narrow matrices of such small models.
        assertThat(companion.part().bytes()).isCloseTo(arena.bytes() - before, withinPercentage(3));
        return built;
    }
}
