package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.golden.GoldenCase;
import dev.latente.image.Picture;
import dev.latente.models.adapters.BlockScales;
import dev.latente.models.adapters.T2IAdapter;
import dev.latente.models.adapters.T2IAdapterConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that steers, at once, and what does not fit together. */
class SteeringTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path SD1 = GOLDEN.resolve("pipelines/sd1/model");
    private static final Path CONTROL = GOLDEN.resolve("control");
    private static final Path IP = CONTROL.resolve("ip_adapter_plus_sd1/ip-adapter-plus.bin");
    private static final Path ENCODER = CONTROL.resolve("ip_adapter_plus_sd1/image_encoder");
    private static final Path NET = CONTROL.resolve("controlnet_sd1/controlnet");
    private static final Path T2I = CONTROL.resolve("t2i_light_adapter/adapter");

    private static Checkpoint checkpoint;
    private static ControlNetCheckpoint net;
    private static T2IAdapterCheckpoint t2i;
    private static IpAdapterCheckpoint ip;

    @BeforeAll
    static void load() {
        checkpoint = Checkpoint.load(
                SD1, LoadOptions.DEFAULT.withLora(GOLDEN.resolve("lora/sd1/pytorch_lora_weights.safetensors"), 0.8));
        net = ControlNetCheckpoint.load(NET);
        t2i = T2IAdapterCheckpoint.load(T2I);
        ip = IpAdapterCheckpoint.load(IP, ENCODER, LoadOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        ip.close();
        t2i.close();
        net.close();
        checkpoint.close();
    }

    /** Noise. */
    private static Picture picture(int width, int height, long seed) {
        return Scopes.within(() -> {
                    try (Rng rng = new Rng(seed)) {
                        return List.of(Picture.fromTensor(Ops.add(Ops.mul(rng.normal(1, 3, height, width), 0.2), 0.5)));
                    }
                })
                .get(0);
    }

    private static Request request() {
        return Request.of("a tree").withSteps(3).withSize(48, 32).withGuidance(4);
    }

    private static float[] latents(Request request) {
        return Scopes.within(() -> Ops.floats(new TextToImage(checkpoint).latents(request, Progress.NONE)));
    }

    private static void assertRefused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).hasMessageContainingAll(parts).hasMessageNotContaining("\n");
    }

    @Test
    void everythingSteersOneInpaintingRun() {
        Source source = Source.of(picture(48, 32, 1), 0.9).withMask(Picture.filled(48, 32, 1, 255));
        Control first = Control.of(net, picture(48, 32, 2)).withScale(0.6);
        Control second = Control.of(net, picture(30, 30, 3)).withInterval(0, 0.7);
        Control third = Control.of(t2i, picture(48, 32, 4));
        PicturePrompt seen = PicturePrompt.of(ip, picture(20, 30, 5)).withNegative(List.of(picture(9, 9, 6)));
        Request all = request().withControls(List.of(first, second, third)).withPictures(List.of(seen, seen));
        Inpaint inpaint = new Inpaint(checkpoint);
        UnaryOperator<Request> same = r -> r;
        Map<String, UnaryOperator<Request>> changes = Map.of(
                "everything", same,
                "no first net", r -> r.withControls(List.of(second, third)),
                "no second net", r -> r.withControls(List.of(first, third)),
                "no T2I-Adapter", r -> r.withControls(List.of(first, second)),
                "one picture", r -> r.withPictures(List.of(seen)),
                "no negative", r -> r.withPictures(List.of(seen.withNegative(List.of()), seen)),
                "style alone", r -> r.withPictures(List.of(seen.withScale(BlockScales.parse("up.1.1=1")), seen)),
                "hidden", r -> r.withControls(List.of(first.withHidden(picture(8, 8, 7)), second, third)));
        Map<String, Picture> drawn = new LinkedHashMap<>();
        changes.forEach((name, change) -> drawn.put(
                name, inpaint.generate(change.apply(all), source, Progress.NONE).get(0)));
        assertThat(drawn.values()).doesNotHaveDuplicates();
    }

    @Test
    void aScaleOfZeroIsNothing() {
        float[] plain = latents(request());
        Control control = Control.of(t2i, picture(48, 32, 4));
        PicturePrompt seen = PicturePrompt.of(ip, picture(20, 30, 5));
        assertThat(latents(request().withControls(List.of(control)))).isNotEqualTo(plain);
        assertThat(latents(request().withControls(List.of(control.withScale(0)))))
                .isEqualTo(plain);
        assertThat(latents(request().withControls(List.of(control.withInterval(0, 0.2)))))
                .isEqualTo(plain);
        assertThat(latents(request().withPictures(List.of(seen)))).isNotEqualTo(plain);
        assertThat(latents(request().withPictures(List.of(seen.withScale(0))))).isEqualTo(plain);
    }

    @Test
    void adaptersLeaveNothing() {
        Request all = request()
                .withControls(List.of(Control.of(t2i, picture(48, 32, 4))))
                .withPictures(List.of(PicturePrompt.of(ip, picture(20, 30, 5))));
        latents(all);
        System.gc();
        long before = Memory.objects();
        latents(all);
        T2IAdapterCheckpoint.load(T2I).close();
        IpAdapterCheckpoint.load(IP, ENCODER, LoadOptions.DEFAULT).close();
        assertThat(Memory.objects()).isLessThanOrEqualTo(before);
    }

    @Test
    void reusedFeaturesEndWithTheAdapter() {
        Control control = Control.of(t2i, picture(48, 32, 4)).withInterval(0, 0.5);
        Request whole = request().withSteps(4).withControls(List.of(control));
        Request reused = whole.withShortcuts(Shortcuts.NONE.withReuse(FeatureReuse.every(2)));
        assertThat(latents(reused)).isNotEqualTo(latents(whole));
        // Whole at 0 and 2 by the rule, and at 2 because the adapter ends: the same calls.
        assertThat(latents(reused.withControls(List.of(control.withInterval(0, 0.75)))))
                .isNotEqualTo(latents(reused));
    }

    @Test
    void theAuthorsNamesOfT2IAdaptersAreRead(@TempDir Path temp) {
        T2IAdapterConfig full = new T2IAdapterConfig(T2IAdapterConfig.Type.FULL, 1, List.of(8L, 16L, 24L, 24L), 2, 8);
        T2IAdapterConfig light = new T2IAdapterConfig(T2IAdapterConfig.Type.LIGHT, 3, List.of(8L, 16L), 3, 8);
        assertSameFromTheirs(temp.resolve("full.pth"), full, name -> {
            String[] n = name.split("[.]", -1);
            boolean residual = name.contains("resnets");
            return residual
                    ? "body.%d.%s.%s".formatted(2 * Integer.parseInt(n[2]) + Integer.parseInt(n[4]), n[5], n[6])
                    : name.contains("in_conv")
                            ? "body.%d.in_conv.%s".formatted(2 * Integer.parseInt(n[2]), n[4])
                            : name.replace("adapter.", "");
        });
        assertSameFromTheirs(
                temp.resolve("light.pth"),
                light,
                name -> name.replace("adapter.", "").replace("resnets", "body"));
        assertSameFromTheirs(temp.resolve("diffusers.safetensors"), light, name -> name);
    }

    private static void assertSameFromTheirs(Path file, T2IAdapterConfig config, UnaryOperator<String> theirs) {
        Scopes.run(() -> {
            try (Arena arena = new Arena()) {
                Map<String, Tensor> weights = new LinkedHashMap<>();
                WeightSources.shapes(source -> new T2IAdapter(Params.of(source, arena), config))
                        .forEach((name, shape) -> weights.put(
                                theirs.apply(name),
                                WeightSources.random(3)
                                        .get(
                                                name,
                                                shape.stream().mapToLong(n -> n).toArray())));
                SafetensorsWriter.of(weights).write(file);
                T2IAdapter own = new T2IAdapter(Params.of(WeightSources.random(3), arena), config);
                Tensor picture = Ops.full(0.3, DType.F32, Device.CPU, 1, config.inChannels(), 40, 24);
                try (T2IAdapterCheckpoint loaded = T2IAdapterCheckpoint.load(file)) {
                    assertThat(loaded.adapter().config()).isEqualTo(config);
                    List<Tensor> got = loaded.adapter().forward(picture);
                    List<Tensor> wanted = own.forward(picture);
                    assertThat(got).hasSameSizeAs(wanted);
                    for (int i = 0; i < got.size(); i++) {
                        GoldenCase.assertClose("feature " + i, got.get(i), wanted.get(i), 1e-5, 1e-5);
                    }
                }
            }
        });
    }

    @Test
    void whatIsForAnotherKindOfCheckpointIsRefused() {
        Picture picture = picture(32, 32, 1);
        try (Checkpoint sdxl = Checkpoint.load(GOLDEN.resolve("pipelines/sdxl/model"))) {
            TextToImage draw = new TextToImage(sdxl);
            Request one = request().withSize(32, 32);
            assertRefused(
                    () -> draw.generate(one.withPictures(List.of(PicturePrompt.of(ip, picture)))),
                    "IP-Adapter",
                    "32 numbers a token",
                    "56",
                    "take the adapter for this kind of checkpoint");
            assertRefused(
                    () -> draw.generate(one.withControls(List.of(Control.of(t2i, picture)))),
                    "T2I-Adapter",
                    "[1, 16, 8, 8]",
                    "another kind of U-Net");
        }
    }

    @Test
    void whatIsGivenAsSomethingElseIsRefused(@TempDir Path temp) throws Exception {
        assertRefused(() -> ControlNetCheckpoint.load(T2I), "[T2IAdapter]", "--t2i-adapter");
        assertRefused(() -> T2IAdapterCheckpoint.load(NET), "[ControlNetModel]", "--controlnet");
        assertRefused(
                () -> T2IAdapterCheckpoint.load(NET.resolve("diffusion_pytorch_model.safetensors")),
                "[t2i_adapter]",
                "[controlnet]");
        Path lora = GOLDEN.resolve("lora/sd1/pytorch_lora_weights.safetensors");
        assertRefused(() -> IpAdapterCheckpoint.load(lora, null, LoadOptions.DEFAULT), "is no IP-Adapter");
        assertRefused(
                () -> IpAdapterCheckpoint.load(IP, SD1.resolve("unet"), LoadOptions.DEFAULT),
                "[UNet2DConditionModel]",
                "CLIPVisionModelWithProjection");
        Path other = CONTROL.resolve("ip_adapter_sd1/ip-adapter.safetensors");
        assertRefused(
                () -> IpAdapterCheckpoint.load(other, ENCODER, LoadOptions.DEFAULT),
                "[20]",
                "[24]",
                "take the encoder that it was trained with");
        Path face = temp.resolve("face.safetensors");
        Scopes.run(() -> SafetensorsWriter.of(Map.of(
                        "image_proj.norm.weight", WeightSources.random(0).get("a", 4),
                        "image_proj.proj.0.weight", WeightSources.random(0).get("b", 8, 4),
                        "ip_adapter.1.to_k_ip.weight", WeightSources.random(0).get("c", 4, 4)))
                .write(face));
        assertRefused(() -> IpAdapterCheckpoint.load(face, null, LoadOptions.DEFAULT), "FaceID");
        Path folder = temp.resolve("style");
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("config.json"),
                Json.text(Map.of("_class_name", "T2IAdapter", "adapter_type", "style_adapter")));
        Files.copy(
                T2I.resolve("diffusion_pytorch_model.safetensors"),
                folder.resolve("diffusion_pytorch_model.safetensors"));
        assertRefused(() -> T2IAdapterCheckpoint.load(folder), "[style_adapter]", "light_adapter");
    }

    @Test
    void whatCannotBeAskedForIsRefused() {
        Picture picture = picture(32, 32, 1);
        Control control = Control.of(t2i, picture);
        assertRefused(() -> control.withGuess(true), "cannot guess");
        assertRefused(() -> control.withHidden(picture), "hidden");
        PicturePrompt seen = PicturePrompt.of(ip, picture);
        assertRefused(
                () -> latents(request().withPictures(List.of(seen.withScale(BlockScales.parse("up.0=1"))))),
                "[up.0]",
                "up.1.1");
        assertRefused(() -> BlockScales.parse("up.1.1:2"), "[up.1.1:2]");
        assertRefused(() -> BlockScales.of(Double.NaN), "NaN");
        assertRefused(() -> seen.withNegative(List.of(picture, picture)), "[2] negative");
        assertRefused(() -> PicturePrompt.of(ip), "[0] pictures");
        try (IpAdapterCheckpoint blind = IpAdapterCheckpoint.load(IP, null, LoadOptions.DEFAULT)) {
            assertRefused(
                    () -> latents(request().withPictures(List.of(PicturePrompt.of(blind, picture)))),
                    "--image-encoder");
        }
        try (T2IAdapterCheckpoint large = T2IAdapterCheckpoint.load(CONTROL.resolve("t2i_full_adapter_xl/adapter"))) {
            assertRefused(
                    () -> latents(request().withSize(40, 32).withControls(List.of(Control.of(large, picture)))),
                    "[40x32]",
                    "multiples of 16");
            Size size = checkpoint.sizeOf(Request.of("a").withControls(List.of(Control.of(large, picture(50, 40, 1)))));
            assertThat(size).isEqualTo(new Size(48, 32));
        }
    }
}
