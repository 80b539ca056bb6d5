package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
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

class Sd3Test {
    private static final Request REQUEST =
            Request.of("a (red:1.3) castle").withSize(24, 32).withSteps(2).withGuidance(4);

    private static final Path CONTROL = Path.of("src/test/resources/golden/control/ip_adapter_plus_sd1");

    private final Path temp;
    private final Path folder;

    Sd3Test(@TempDir Path temp) {
        this.temp = temp;
        folder = TinySd3.write(temp.resolve("sd3"));
    }

    private Path single() {
        Path file = temp.resolve("sd3.safetensors");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toSingleFile(file);
        }
        return file;
    }

    private static byte[] draw(Path model, LoadOptions options) {
        return draw(model, options, REQUEST);
    }

    private static byte[] draw(Path model, LoadOptions options, Request request) {
        try (Checkpoint checkpoint = Checkpoint.load(model, options)) {
            return new TextToImage(checkpoint).generate(request).get(0).data();
        }
    }

    @Test
    void aSingleFileIsTheFolderItCameFrom() {
        try (CheckpointFiles expected = CheckpointFiles.open(folder);
                CheckpointFiles got = CheckpointFiles.open(single())) {
            CheckpointAssert.assertSame("single", expected, got);
            assertThat(got.family()).isEqualTo(Family.SD35);
            assertThat(got.family()).hasToString("sd35");
            assertThat(MMDiTConfig.of(got.config("transformer")))
                    .isEqualTo(MMDiTConfig.of(expected.config("transformer")));
            assertThat(T5Config.of(got.config("text_encoder_3")))
                    .isEqualTo(T5Config.of(expected.config("text_encoder_3")));
            assertThat(got.modelIndex().path("_class_name").asString()).isEqualTo("StableDiffusion3Pipeline");
            assertThat(got.config("vae").path("shift_factor").asDouble()).isEqualTo(0.0609);
            assertThat(got.schedulerConfig().path("shift").asDouble()).isEqualTo(3);
        }
        assertThat(draw(single(), LoadOptions.DEFAULT.withTokenizer(folder)))
                .isEqualTo(draw(folder, LoadOptions.DEFAULT));
    }

    @Test
    void aConvertedFolderHasAllTokenizers() {
        Path copy = temp.resolve("copy");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toFolder(copy);
        }
        assertThat(draw(copy, LoadOptions.DEFAULT)).isEqualTo(draw(folder, LoadOptions.DEFAULT));
    }

    @Test
    void t5MayBeLeftOutOrComeFromElsewhere() throws IOException {
        byte[] whole = draw(folder, LoadOptions.DEFAULT);
        LoadOptions without = LoadOptions.DEFAULT.withoutComponent("text_encoder_3");
        assertThat(draw(folder, without)).isNotEqualTo(whole);
        try (Checkpoint checkpoint = Checkpoint.load(folder, without)) {
            assertThat(checkpoint.lacksT5()).isTrue();
        }
        Path other = temp.resolve("other");
        Files.createDirectories(other);
        for (String part : List.of("text_encoder_3", "tokenizer_3")) {
            Files.move(folder.resolve(part), other.resolve(part));
        }
        assertThat(draw(folder, LoadOptions.DEFAULT)).isEqualTo(draw(folder, without));
        Path t5 = other.resolve("text_encoder_3");
        assertThat(draw(folder, LoadOptions.DEFAULT.withComponent("text_encoder_3", t5)))
                .isEqualTo(whole);

        Files.delete(other.resolve("tokenizer_3").resolve("tokenizer.json"));
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withComponent("text_encoder_3", t5)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("text_encoder_3 has no tokenizer", "spiece.model", "--t5 none");
    }

    @Test
    void bothClipsAreWanted() {
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withoutComponent("text_encoder_2")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("has [1] CLIP text encoder, wanted two: give them with --text-encoder");
    }

    @Test
    void whatT5ReadsIsItsOwn() {
        Prompt prompt = REQUEST.prompts().get(0);
        byte[] same = draw(folder, LoadOptions.DEFAULT);
        for (Prompt.ForT5 t5 : List.of(
                new Prompt.ForT5("a blue castle", null, 256),
                new Prompt.ForT5(null, "fog", 256),
                new Prompt.ForT5(null, null, 40))) {
            Request request = REQUEST.withPrompts(List.of(prompt.withT5(t5)));
            assertThat(draw(folder, LoadOptions.DEFAULT, request)).isNotEqualTo(same);
        }
        // It reads weights, too: one of 1 is none.
        Request scheduled = REQUEST.withPrompts(List.of(Prompt.of("[a:b:1]").withT5(new Prompt.ForT5("c", null, 8))));
        Request plain = REQUEST.withPrompts(List.of(Prompt.of("[a:b:1]").withT5(new Prompt.ForT5("(c:1)", null, 8))));
        assertThat(draw(folder, LoadOptions.DEFAULT, scheduled)).isEqualTo(draw(folder, LoadOptions.DEFAULT, plain));
        assertThatThrownBy(() -> new Prompt.ForT5(null, null, 513)).hasMessageContaining("got [513], wanted 1 to 512");
    }

    @Test
    void skippedLayersGuide() {
        Guiding guiding = Guiding.of(4);
        SkippedLayers skip = SkippedLayers.of(Set.of(1)).withInterval(0.1, 1);
        assertThat(draw(folder, LoadOptions.DEFAULT, REQUEST.withGuiding(guiding.withSkip(skip))))
                .isNotEqualTo(draw(folder, LoadOptions.DEFAULT));
        assertThat(draw(folder, LoadOptions.DEFAULT, REQUEST.withGuiding(guiding.withSkip(skip.withScale(0)))))
                .isEqualTo(draw(folder, LoadOptions.DEFAULT));
    }

    @Test
    void everyPipelineDrawsInAnyDtype() {
        LoadOptions bf16 = LoadOptions.of(DType.BF16, Device.CPU);
        Picture picture = text(folder);
        try (Checkpoint checkpoint = Checkpoint.load(folder, bf16)) {
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
            Picture gray =
                    Scopes.within(() -> checkpoint.preview().picture(Ops.zeros(DType.F32, Device.CPU, 1, 16, 4, 4)));
            assertThat(gray.at(0, 0, 0)).isEqualTo((int) Math.round((0.2394 + 1) / 2 * 255));
        }
    }

    private static Picture text(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            return new TextToImage(checkpoint).generate(REQUEST).get(0);
        }
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
    void aLoraChangesTheTransformer() {
        Path lora = lora("lora", "transformer.transformer_blocks.1.attn.add_k_proj", 16, 16);
        byte[] plain = draw(folder, LoadOptions.DEFAULT);
        assertThat(draw(folder, LoadOptions.DEFAULT.withLora(lora, 1))).isNotEqualTo(plain);
        assertThat(draw(folder, LoadOptions.DEFAULT.withLora(lora, 0))).isEqualTo(plain);
    }

    /** The same changes under the names of kohya's scripts, with queries, keys and values in one, and under those of diffusers. */
    @Test
    void kohyasLorasDrawTheSame() {
        Path kohya = temp.resolve("kohya.safetensors");
        Path diffusers = temp.resolve("diffusers.safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> fused = new LinkedHashMap<>();
            Map<String, Tensor> parted = new LinkedHashMap<>();
            try (Rng rng = new Rng(1)) {
                Map.of(
                                "joint_blocks_0_x_block_attn_qkv", List.of("0.attn.to_q", "0.attn.to_k", "0.attn.to_v"),
                                "joint_blocks_0_x_block_attn2_qkv",
                                        List.of("0.attn2.to_q", "0.attn2.to_k", "0.attn2.to_v"),
                                "joint_blocks_2_context_block_attn_qkv",
                                        List.of("2.attn.add_q_proj", "2.attn.add_k_proj", "2.attn.add_v_proj"),
                                "joint_blocks_1_context_block_attn_proj", List.of("1.attn.to_add_out"))
                        .forEach((layer, parts) -> {
                            Tensor a = rng.normal(2, 16);
                            Tensor b = rng.normal(16L * parts.size(), 2);
                            fused.put("lora_unet_" + layer + ".lora_down.weight", a);
                            fused.put("lora_unet_" + layer + ".lora_up.weight", b);
                            fused.put("lora_unet_" + layer + ".alpha", Ops.of(new double[] {1}, 1));
                            for (int i = 0; i < parts.size(); i++) {
                                String name = "transformer.transformer_blocks." + parts.get(i);
                                parted.put(name + ".lora_A.weight", a);
                                parted.put(
                                        name + ".lora_B.weight",
                                        Ops.mul(b.narrow(0, 16L * i, 16), 0.5).contiguous());
                            }
                        });
                Map.of(
                                "lora_te1_text_model_encoder_layers_0_self_attn_q_proj",
                                "text_encoder.text_model.encoder.layers.0.self_attn.q_proj",
                                "lora_te2_text_model_encoder_layers_1_mlp_fc2",
                                "text_encoder_2.text_model.encoder.layers.1.mlp.fc2",
                                "lora_te3_encoder_block_1_layer_0_SelfAttention_o",
                                "text_encoder_3.encoder.block.1.layer.0.SelfAttention.o")
                        .forEach((name, other) -> {
                            long side = name.contains("te3") ? 32 : 16;
                            Tensor a = rng.normal(2, name.contains("fc2") ? 32 : side);
                            Tensor b = rng.normal(side, 2);
                            fused.put(name + ".lora_down.weight", a);
                            fused.put(name + ".lora_up.weight", b);
                            parted.put(other + ".lora_A.weight", a);
                            parted.put(other + ".lora_B.weight", b);
                        });
            }
            SafetensorsWriter.of(fused).write(kohya);
            SafetensorsWriter.of(parted).write(diffusers);
        });
        assertThat(draw(folder, LoadOptions.DEFAULT.withLora(kohya, 0.5)))
                .isEqualTo(draw(folder, LoadOptions.DEFAULT.withLora(diffusers, 0.5)))
                .isNotEqualTo(draw(folder, LoadOptions.DEFAULT));
    }

    @Test
    void lorasAreSwitched() {
        byte[] plain = draw(folder, LoadOptions.DEFAULT);
        List<Path> files = List.of(
                lora("network", "transformer.transformer_blocks.0.attn2.to_q", 16, 16),
                lora("clip", "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj", 16, 16),
                lora("t5", "text_encoder_3.encoder.block.1.layer.0.SelfAttention.o", 32, 32));
        try (Checkpoint base = Checkpoint.load(folder)) {
            for (Path file : files) {
                byte[] loaded = draw(folder, LoadOptions.DEFAULT.withLora(file, 2));
                try (Checkpoint changed = base.with(List.of(new LoadOptions.ScaledLora(file, LoraScale.of(2))))) {
                    assertThat(changed.transformer() == base.transformer()).isEqualTo(!file.equals(files.get(0)));
                    assertThat(changed.vae()).isSameAs(base.vae());
                    assertThat(new TextToImage(changed).generate(REQUEST).get(0).data())
                            .as(file.toString())
                            .isEqualTo(loaded)
                            .isNotEqualTo(plain);
                }
            }
            assertThat(new TextToImage(base).generate(REQUEST).get(0).data()).isEqualTo(plain);
        }
    }

    @Test
    void aLoraOfAnotherFamilySaysSo() {
        Path lora = lora("sd1", "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", 768, 320);
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withLora(lora, 1)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("is a LoRA for SD1", "is SD35");
        Path wrong = lora("wrong", "transformer.transformer_blocks.9.attn.to_q", 16, 16);
        assertThatThrownBy(() -> Checkpoint.load(folder, LoadOptions.DEFAULT.withLora(wrong, 1)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("tensors are no LoRA of a layer");
    }

    @Test
    void windowsAndRegionsConsistOfPatches() {
        Request large = REQUEST.withSize(28, 32);
        byte[] whole = draw(folder, LoadOptions.DEFAULT, large);
        Views one = Views.WHOLE.withWindow(Views.Window.parse("64,8"));
        assertThat(draw(folder, LoadOptions.DEFAULT, large.withViews(one))).isEqualTo(whole);
        // A side of 22 pixels is cut to five patches, and a region grows to whole ones.
        Views views = Views.WHOLE
                .withWindow(Views.Window.parse("22,6"))
                .withRegions(List.of(Views.RegionPrompt.parse("3,5,10,9: a moon")));
        assertThat(draw(folder, LoadOptions.DEFAULT, large.withViews(views))).isNotEqualTo(whole);
    }

    @Test
    void whatBelongsToAUNetIsRefused() {
        Path control = TinyCheckpoint.writeControlNet(temp.resolve("control"));
        try (Checkpoint checkpoint = Checkpoint.load(folder);
                Checkpoint sd1 = Checkpoint.load(TinyCheckpoint.write(temp.resolve("sd1")));
                ControlNetCheckpoint net = ControlNetCheckpoint.load(control);
                IpAdapterCheckpoint ip = IpAdapterCheckpoint.load(
                        CONTROL.resolve("ip-adapter-plus.bin"),
                        CONTROL.resolve("image_encoder"),
                        LoadOptions.DEFAULT)) {
            Picture picture = new TextToImage(checkpoint).generate(REQUEST).get(0);
            assertRefused(
                    checkpoint,
                    REQUEST.withControls(List.of(Control.of(net, picture))),
                    "steers a U-Net, and this checkpoint is Stable Diffusion 3: draw without it");
            assertRefused(
                    checkpoint,
                    REQUEST.withPictures(List.of(PicturePrompt.of(ip, picture))),
                    "ip-adapter-plus.bin: shows pictures to a U-Net, and this checkpoint is Stable Diffusion 3: draw without it");
            assertThatThrownBy(() -> new InstructionEdit(checkpoint)).hasMessageContaining("takes no instructions");
            assertThat(InstructionEdit.fits(checkpoint)).isFalse();
            assertThatThrownBy(() -> new DiffusionUpscale(checkpoint)).hasMessageContaining("has a transformer");
            assertRefused(
                    checkpoint, REQUEST.withShortcuts(Shortcuts.NONE.withMerge(0.5)), "shortcuts", "draw without them");
            assertRefused(checkpoint, REQUEST.withSize(30, 32), "size: got [30x32], wanted multiples of 4");
            SkippedLayers skip = SkippedLayers.of(Set.of(7));
            Request skipping = REQUEST.withGuiding(Guiding.of(4).withSkip(skip));
            assertRefused(checkpoint, skipping, "skipped layers: got [7], wanted 0 to 2");
            assertRefused(sd1, skipping.withSize(32, 32), "skipped layers: got [7], wanted none");
            assertThatThrownBy(checkpoint::unet).hasMessageContaining("has a transformer");
            assertThatThrownBy(sd1::transformer).hasMessageContaining("has a U-Net");
        }
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
            MemoryBudget large = MemoryBudget.of(files, DType.F32, new Size(32, 32), 1);
            assertThat(small.parts()).extracting(MemoryBudget.Part::name).contains("transformer", "text_encoder_3");
            assertThat(large.step()).isGreaterThan(small.step());
            assertThat(MemoryBudget.usualSize(files)).isEqualTo(new Size(256, 256));
        }
    }
}
