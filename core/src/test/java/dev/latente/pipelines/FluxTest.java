package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.diffusion.Samplers;
import dev.latente.image.Picture;
import dev.latente.models.flux.FluxConfig;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointAssert;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.Converter;
import dev.latente.weights.layout.Family;
import dev.latente.weights.lora.LoraScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FluxTest {
    private static final Request REQUEST =
            Request.of("a (red:1.3) castle").withSize(24, 32).withSteps(2).withGuidance(3.5);

    private static final Path IP_ADAPTER = Path.of("src/test/resources/golden/control/ip_adapter_plus_sd1");

    private final Path temp;
    private final Path folder;

    FluxTest(@TempDir Path temp) {
        this.temp = temp;
        folder = TinyFlux.dev(temp.resolve("flux"));
    }

    private static byte[] draw(Path model, LoadOptions options, Request request) {
        try (Checkpoint checkpoint = Checkpoint.load(model, options)) {
            return new TextToImage(checkpoint).generate(request).get(0).data();
        }
    }

    private static byte[] draw(Path model, Request request) {
        return draw(model, LoadOptions.DEFAULT, request);
    }

    private Path single(Path from) {
        Path file = temp.resolve(from.getFileName() + ".safetensors");
        try (CheckpointFiles files = CheckpointFiles.open(from)) {
            new Converter(files, null).toSingleFile(file);
        }
        return file;
    }

    @Test
    void aSingleFileIsTheFolderItCameFrom() {
        Path file = single(folder);
        try (CheckpointFiles expected = CheckpointFiles.open(folder);
                CheckpointFiles got = CheckpointFiles.open(file)) {
            CheckpointAssert.assertSame("single", expected, got);
            assertThat(got.family()).isEqualTo(Family.FLUX_DEV);
            assertThat(FluxConfig.of(got.config("transformer")))
                    .isEqualTo(FluxConfig.of(expected.config("transformer")));
            assertThat(got.modelIndex().path("_class_name").asString()).isEqualTo("FluxPipeline");
            assertThat(got.modelIndex().path("text_encoder_2").path(1).asString())
                    .isEqualTo("T5EncoderModel");
            assertThat(got.config("vae").path("shift_factor").asDouble()).isEqualTo(0.1159);
            assertThat(got.schedulerConfig().path("use_dynamic_shifting").asBoolean())
                    .isTrue();
        }
        assertThat(draw(file, LoadOptions.DEFAULT.withTokenizer(folder), REQUEST))
                .isEqualTo(draw(folder, REQUEST));
        Path schnell = TinyFlux.schnell(temp.resolve("schnell"));
        assertThat(draw(single(schnell), LoadOptions.DEFAULT.withTokenizer(schnell), REQUEST))
                .isEqualTo(draw(schnell, REQUEST));
    }

    @Test
    void theSecondPromptIsForT5() {
        Prompt prompt = Prompt.of("a castle");
        byte[] second = draw(folder, REQUEST.withPrompts(List.of(prompt.withSecond("a red hill", null))));
        Prompt.ForT5 t5 = new Prompt.ForT5("a red hill", null, 0);
        assertThat(draw(folder, REQUEST.withPrompts(List.of(prompt.withT5(t5)))))
                .isEqualTo(second);
        assertThat(draw(
                        folder,
                        REQUEST.withPrompts(
                                List.of(prompt.withSecond("a hill", null).withT5(t5)))))
                .isEqualTo(second);
        assertThat(draw(folder, REQUEST.withPrompts(List.of(prompt)))).isNotEqualTo(second);
    }

    private static long[] shape(Safetensors file, String name) {
        return Scopes.within(() -> Ops.shape(file.tensor(name)));
    }

    @Test
    void aSingleFileHasTheNamesOfTheOriginalCode() {
        try (Safetensors file = Safetensors.open(single(folder))) {
            String transformer = "model.diffusion_model.";
            assertThat(file.tensors())
                    .containsKeys(
                            transformer + "img_in.weight",
                            transformer + "guidance_in.in_layer.bias",
                            transformer + "double_blocks.0.img_mod.lin.weight",
                            transformer + "double_blocks.0.txt_attn.norm.query_norm.scale",
                            transformer + "double_blocks.0.txt_mlp.2.bias",
                            transformer + "single_blocks.1.modulation.lin.bias",
                            transformer + "single_blocks.1.norm.key_norm.scale",
                            transformer + "final_layer.adaLN_modulation.1.weight",
                            "text_encoders.t5xxl.transformer.encoder.final_layer_norm.weight",
                            "vae.decoder.conv_in.weight");
            assertThat(shape(file, transformer + "single_blocks.0.linear1.weight"))
                    .containsExactly(3 * 16L + 4 * 16, 16L);
            assertThat(shape(file, transformer + "single_blocks.0.linear2.weight"))
                    .containsExactly(16L, 5 * 16L);
            assertThat(shape(file, transformer + "double_blocks.0.img_attn.qkv.bias"))
                    .containsExactly(48L);
        }
    }

    /** Writes the tensors below a prefix alone, without it. */
    private Path part(Path single, String prefix, Path file) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            try (Safetensors all = Safetensors.open(single)) {
                all.keys().stream()
                        .filter(key -> key.startsWith(prefix))
                        .forEach(key -> tensors.put(key.substring(prefix.length()), all.tensor(key)));
                SafetensorsWriter.of(tensors).write(file);
            }
        });
        return file;
    }

    @Test
    void aTransformerAloneTakesTheOthersFromElsewhere() throws IOException {
        Path all = single(folder);
        Path flux = part(all, "model.diffusion_model.", temp.resolve("flux1-dev.safetensors"));
        Path t5 = Files.createDirectories(temp.resolve("t5")).resolve("t5xxl.safetensors");
        Files.copy(folder.resolve("tokenizer_2").resolve("tokenizer.json"), t5.resolveSibling("tokenizer.json"));
        LoadOptions options = LoadOptions.DEFAULT
                .withComponent("vae", part(all, "vae.", temp.resolve("ae.safetensors")))
                .withComponent(
                        "text_encoder",
                        part(all, "text_encoders.clip_l.transformer.", temp.resolve("clip_l.safetensors")))
                .withComponent("text_encoder_3", part(all, "text_encoders.t5xxl.transformer.", t5))
                .withTokenizer(folder.resolve("tokenizer"));
        assertThat(draw(flux, options, REQUEST)).isEqualTo(draw(folder, REQUEST));
    }

    @Test
    void aConvertedFolderHasTheNamesOfItsFamily() {
        Path copy = temp.resolve("copy");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            assertThat(files.components())
                    .containsExactlyInAnyOrder("transformer", "vae", "text_encoder", "text_encoder_3");
            new Converter(files, null).toFolder(copy);
        }
        assertThat(copy.resolve("text_encoder_2")).isDirectory();
        assertThat(copy.resolve("tokenizer_2")).isDirectory();
        assertThat(copy.resolve("text_encoder_3")).doesNotExist();
        assertThat(draw(copy, REQUEST)).isEqualTo(draw(folder, REQUEST));
    }

    @Test
    void devIsToldTheScaleAndSchnellIsGuidedByTwoHalves() {
        Path schnell = TinyFlux.schnell(temp.resolve("schnell"));
        assertThat(draw(folder, REQUEST.withGuidance(1))).isNotEqualTo(draw(folder, REQUEST));
        Request without = REQUEST.withGuidance(1);
        assertThat(draw(schnell, without.withNegative("fog"))).isEqualTo(draw(schnell, without));
        assertThat(draw(schnell, REQUEST.withNegative("fog"))).isNotEqualTo(draw(schnell, REQUEST));
        try (Checkpoint dev = Checkpoint.load(folder);
                Checkpoint fast = Checkpoint.load(schnell)) {
            assertThat(dev.usualGuiding().scale()).isEqualTo(3.5);
            assertThat(dev.usualSteps()).isEqualTo(28);
            assertThat(fast.usualGuiding().scale()).isEqualTo(1);
            assertThat(fast.usualSteps()).isEqualTo(4);
            assertThat(fast.usualSize()).isEqualTo(new Size(256, 256)); // of this small autoencoder
            assertThat(fast.lacksT5()).isFalse();
        }
    }

    @Test
    void t5ReadsAsManyTokensAsTheModelWasTrainedWith() {
        Path schnell = TinyFlux.schnell(temp.resolve("schnell"));
        assertThat(draw(folder, tokens(512))).isEqualTo(draw(folder, REQUEST));
        assertThat(draw(folder, tokens(256))).isNotEqualTo(draw(folder, REQUEST));
        assertThat(draw(schnell, tokens(256))).isEqualTo(draw(schnell, REQUEST));
    }

    private static Request tokens(int n) {
        Prompt prompt = REQUEST.prompts().get(0);
        return REQUEST.withPrompts(List.of(prompt.withT5(new Prompt.ForT5(null, null, n))));
    }

    @Test
    void t5IsWanted() throws IOException {
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withoutComponent("text_encoder_3")))
                .isInstanceOf(WeightsException.class)
                .hasMessageEndingWith(
                        "has no T5, by which Flux.1 reads prompts: give it with --t5 MODEL, its tokenizer beside it");
        byte[] whole = draw(folder, REQUEST);
        Path other = temp.resolve("other");
        Files.createDirectories(other);
        for (String part : List.of("text_encoder_2", "tokenizer_2")) {
            Files.move(folder.resolve(part), other.resolve(part));
        }
        LoadOptions given = LoadOptions.DEFAULT.withComponent("text_encoder_3", other.resolve("text_encoder_2"));
        assertThat(draw(folder, given, REQUEST)).isEqualTo(whole);
        Files.delete(other.resolve("tokenizer_2").resolve("tokenizer.json"));
        assertThatThrownBy(() -> Checkpoint.load(folder, given))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("text_encoder_3 has no tokenizer")
                .message()
                .doesNotContain("--t5 none");
        LoadOptions second = LoadOptions.DEFAULT.withComponent("text_encoder_2", folder.resolve("text_encoder"));
        assertThatThrownBy(() -> Checkpoint.load(folder, second))
                .hasMessageContaining("has [2] CLIP text encoders, wanted one: Flux.1 takes CLIP by --text-encoder");
    }

    @Test
    void everyPipelineDrawsInAnyDtype() {
        Picture picture;
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            picture = new TextToImage(checkpoint).generate(REQUEST).get(0);
        }
        for (DType dtype : List.of(DType.BF16, DType.F16)) {
            try (Checkpoint checkpoint = Checkpoint.load(folder, LoadOptions.of(dtype, Device.CPU))) {
                Request request = REQUEST.withSize(null);
                assertThat(new ImageToImage(checkpoint).generate(request, Source.of(picture, 0.6), Progress.NONE))
                        .hasSize(1);
                assertThat(new Inpaint(checkpoint)
                                .generate(request, Source.of(picture, 1).withMask(picture), Progress.NONE))
                        .hasSize(1);
                assertThat(new Hires(checkpoint)
                                .generate(REQUEST.withSize(16, 16), 1.3, 0.5, Progress.NONE)
                                .get(0)
                                .width())
                        .isEqualTo(20); // a multiple of a patch
            }
        }
    }

    @Test
    void otherSamplersAndWindowsDrawToo() {
        byte[] usual = draw(folder, REQUEST);
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            for (String sampler : List.of("heun", "dpmpp_2m")) {
                Request request = REQUEST.withScheduler(Samplers.of(sampler, checkpoint.scheduler()));
                assertThat(new TextToImage(checkpoint).generate(request).get(0).data())
                        .isNotEqualTo(usual);
            }
            Request same = REQUEST.withScheduler(Samplers.of("euler", checkpoint.scheduler()));
            assertThat(new TextToImage(checkpoint).generate(same).get(0).data()).isEqualTo(usual);
        }
        Views views = Views.WHOLE
                .withWindow(Views.Window.parse("22,6"))
                .withRegions(List.of(Views.RegionPrompt.parse("3,5,10,9: a moon")));
        assertThat(draw(folder, REQUEST.withViews(views))).isNotEqualTo(usual);
    }

    private Path lora(String name, String layer, int in, int out) {
        Path lora = temp.resolve(name + ".safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            try (Rng rng = new Rng(1)) {
                tensors.put(layer + ".lora_A.weight", rng.normal(2, in));
                tensors.put(layer + ".lora_B.weight", rng.normal(out, 2));
            }
            SafetensorsWriter.of(tensors).write(lora);
        });
        return lora;
    }

    @Test
    void aLoraIsSwitched() {
        byte[] plain = draw(folder, REQUEST);
        Path lora = lora("lora", "transformer.single_transformer_blocks.1.proj_out", 80, 16);
        byte[] loaded = draw(folder, LoadOptions.DEFAULT.withLora(lora, 2), REQUEST);
        try (Checkpoint base = Checkpoint.load(folder);
                Checkpoint changed = base.with(List.of(new LoadOptions.ScaledLora(lora, LoraScale.of(2))))) {
            assertThat(changed.flux()).isNotSameAs(base.flux());
            assertThat(new TextToImage(changed).generate(REQUEST).get(0).data())
                    .isEqualTo(loaded)
                    .isNotEqualTo(plain);
        }
    }

    @Test
    void aLoraOfAnotherFamilySaysSo() {
        Path lora = lora("sd1", "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", 768, 320);
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withLora(lora, 1)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("is a LoRA for SD1", "is Flux.1 dev");
        Path flux = lora("single", "transformer.single_transformer_blocks.0.attn.to_q", 16, 16);
        Path sd3 = TinySd3.write(temp.resolve("sd3"));
        assertThatThrownBy(() -> Checkpoint.load(sd3, LoadOptions.DEFAULT.withLora(flux, 1)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("is a LoRA for Flux.1", "is SD35");
    }

    @Test
    void whatBelongsToAUNetIsRefused() {
        Path control = TinyCheckpoint.writeControlNet(temp.resolve("control"));
        try (Checkpoint checkpoint = Checkpoint.load(folder);
                Checkpoint sd1 = Checkpoint.load(TinyCheckpoint.write(temp.resolve("sd1")));
                ControlNetCheckpoint net = ControlNetCheckpoint.load(control);
                IpAdapterCheckpoint ip = IpAdapterCheckpoint.load(
                        IP_ADAPTER.resolve("ip-adapter-plus.bin"),
                        IP_ADAPTER.resolve("image_encoder"),
                        LoadOptions.DEFAULT)) {
            Picture picture = new TextToImage(checkpoint).generate(REQUEST).get(0);
            assertRefused(
                    checkpoint,
                    REQUEST.withControls(List.of(Control.of(net, picture))),
                    "steers a U-Net, and this checkpoint is Flux.1: draw without it");
            assertRefused(
                    checkpoint,
                    REQUEST.withPictures(List.of(PicturePrompt.of(ip, picture))),
                    "shows pictures to a U-Net, and this checkpoint is Flux.1: draw without it");
            assertRefused(
                    checkpoint, REQUEST.withShortcuts(Shortcuts.NONE.withMerge(0.5)), "shortcuts", "draw without them");
            assertRefused(
                    checkpoint,
                    REQUEST.withGuiding(Guiding.of(4).withSkip(SkippedLayers.of(Set.of(1)))),
                    "skipped layers: got [1], wanted none: only Stable Diffusion 3");
            assertRefused(
                    checkpoint,
                    REQUEST.withNegative("fog"),
                    "negative prompt: got [fog], wanted none: Flux.1 dev is told the scale of guidance");
            assertRefused(checkpoint, REQUEST.withSize(30, 32), "size: got [30x32], wanted multiples of 4");
            assertThatThrownBy(checkpoint::unet).hasMessageContaining("has a transformer");
            assertThatThrownBy(checkpoint::transformer)
                    .hasMessageContaining("has a transformer of another kind: take Stable Diffusion 3 or 3.5");
            assertThatThrownBy(sd1::flux).hasMessage("flux: this checkpoint has a U-Net: take Flux.1");
        }
        assertThatThrownBy(() -> Checkpoint.load(TinyFlux.depth(temp.resolve("depth"))))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("takes tokens of [128] numbers and gives [64]")
                .hasMessageContaining("take dev or schnell");
    }

    private static void assertRefused(Checkpoint checkpoint, Request request, String... parts) {
        assertThatThrownBy(() -> new TextToImage(checkpoint).generate(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void theBudgetCountsTheTransformer() {
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            MemoryBudget small = MemoryBudget.of(files, DType.F32, new Size(16, 16), 1);
            MemoryBudget large = MemoryBudget.of(files, DType.F32, new Size(64, 64), 1);
            assertThat(small.parts()).extracting(MemoryBudget.Part::name).contains("transformer", "text_encoder_3");
            assertThat(large.step()).isGreaterThan(small.step());
            assertThat(MemoryBudget.usualSize(files)).isEqualTo(new Size(256, 256));
        }
    }
}
