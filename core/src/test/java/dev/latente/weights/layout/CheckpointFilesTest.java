package dev.latente.weights.layout;

import static dev.latente.weights.layout.CheckpointAssert.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latente.models.unet.UNetConfig;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFilesTest {
    private final Path temp;
    private final Path folder;
    private final Path single;

    CheckpointFilesTest(@TempDir Path temp) throws IOException {
        this.temp = temp;
        folder = temp.resolve("folder");
        single = temp.resolve("single.safetensors");
        TinyCheckpoint.write(folder);
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toSingleFile(single);
        }
    }

    @Test
    void detectsWhatShapesTell() {
        try (CheckpointFiles files = CheckpointFiles.open(single)) {
            assertEquals(Family.SD1, files.family());
            assertEquals(UNetConfig.of(TinyCheckpoint.UNET), UNetConfig.of(files.config("unet")));
            assertEquals(
                    "epsilon", files.schedulerConfig().path("prediction_type").asString());
            assertNull(files.tokenizer("tokenizer"));
            assertFalse(files.inpainting());
            assertEquals(
                    "StableDiffusionPipeline",
                    files.modelIndex().path("_class_name").asString());
        }
    }

    @Test
    void leavesOutWhatNoModelUsesAndSaysWhy() {
        Path file = rewritten(single, name -> name, more -> {
            more.put("alphas_cumprod", Ops.of(new double[3], 3));
            more.put("model_ema.decay", Ops.of(new double[1]));
            more.put("cond_stage_model.transformer.text_model.embeddings.position_ids", Ops.range(77));
            return more;
        });
        try (CheckpointFiles expected = CheckpointFiles.open(single);
                CheckpointFiles got = CheckpointFiles.open(file)) {
            assertSame("ignored", expected, got);
            assertEquals(3, got.ignored().size());
            assertTrue(got.ignored().stream().noneMatch(i -> i.reason().isEmpty()));
        }
    }

    @Test
    void usesTheAverageWhereThereIsNothingElse() {
        String model = "model.diffusion_model.";
        Path file = rewritten(
                single,
                name -> name.startsWith(model)
                        ? "model_ema." + name.substring(6).replace(".", "")
                        : name);
        assertReadsAs(single, file);
    }

    @Test
    void leavesOutTheAverageBesideTheWeights() {
        Path file = rewritten(single, name -> name, more -> {
            more.put("model_ema.diffusion_modelout2bias", Ops.of(new float[4], 4));
            return more;
        });
        assertReadsAs(single, file);
    }

    @Test
    void readsTextEncodersWithoutTheirPrefix() {
        assertReadsAs(single, rewritten(single, name -> name.replace("transformer.text_model.", "transformer.")));
        Path bare = copied("text_encoder", "model.safetensors", name -> name.replace("text_model.", ""), w -> w);
        assertReadsAs(folder, bare);
    }

    @Test
    void readsTheOldNamesOfTheAutoencodersAttention() {
        UnaryOperator<String> old = name -> name.replace("to_q.", "query.")
                .replace("to_k.", "key.")
                .replace("to_v.", "value.")
                .replace("to_out.0.", "proj_attn.");
        assertReadsAs(folder, copied("vae", "diffusion_pytorch_model.safetensors", old, w -> w));
        assertReadsAs(
                folder, copied("vae", "diffusion_pytorch_model.safetensors", old, CheckpointFilesTest::convolved));
    }

    @Test
    void takesAnAutoencoderFromAnotherPlace() {
        Path vae = rewritten(single, name -> name.replace("first_stage_model.", ""), all -> {
            all.keySet().removeIf(n -> n.startsWith("model.") || n.startsWith("cond_stage"));
            return all;
        });
        Path rest = rewritten(single, name -> name, all -> {
            all.keySet().removeIf(n -> n.startsWith("first_stage_model."));
            return all;
        });
        try (CheckpointFiles without = CheckpointFiles.open(rest)) {
            assertFalse(without.has("vae"));
            String message = message(() -> without.weights("vae"));
            assertTrue(message.contains("[vae]"), message);
        }
        for (Path from : new Path[] {vae, single, folder, folder.resolve("vae")}) {
            try (CheckpointFiles expected = CheckpointFiles.open(single);
                    CheckpointFiles got = CheckpointFiles.open(rest, Options.DEFAULT.withComponent("vae", from))) {
                assertSame(from.toString(), expected, got);
            }
        }
    }

    @Test
    void readsTheVariantWhereThereIsOne() throws IOException {
        Path copy = copied("unet", "diffusion_pytorch_model.fp16.safetensors", name -> name, w -> w);
        try (CheckpointFiles expected = CheckpointFiles.open(folder);
                CheckpointFiles got = CheckpointFiles.open(copy, Options.DEFAULT.withVariant("fp16"))) {
            assertSame("variant", expected, got);
        }
        assertThrows(WeightsException.class, () -> CheckpointFiles.open(folder, Options.DEFAULT.withVariant("bf16")));
    }

    @Test
    void namesTheTensorThatBelongsNowhere() {
        for (String stray :
                new String[] {"lora.up.weight", "model.diffusion_model.input_blocks.9.0.in_layers.0.weight"}) {
            Path file = rewritten(single, name -> name, more -> {
                more.put(stray, Ops.of(new float[1], 1));
                return more;
            });
            String message = message(() -> CheckpointFiles.open(file));
            assertTrue(message.contains(file.toString()) && message.contains(stray), message);
        }
    }

    private static String message(Executable body) {
        return String.valueOf(assertThrows(WeightsException.class, body).getMessage());
    }

    private static void assertReadsAs(Path expected, Path got) {
        try (CheckpointFiles e = CheckpointFiles.open(expected);
                CheckpointFiles g = CheckpointFiles.open(got)) {
            assertSame(got.toString(), e, g);
        }
    }

    private Path rewritten(Path file, UnaryOperator<String> name) {
        return rewritten(file, name, weights -> weights);
    }

    /** The same weights under other names, changed. */
    private Path rewritten(
            Path file, UnaryOperator<String> name, Function<Map<String, Tensor>, Map<String, Tensor>> change) {
        Path out = temp.resolve("rewritten-%d.safetensors".formatted(System.nanoTime()));
        Scopes.run(() -> {
            try (Safetensors in = Safetensors.open(file)) {
                Map<String, Tensor> weights = new LinkedHashMap<>();
                in.keys().forEach(key -> weights.put(name.apply(key), in.tensor(key)));
                SafetensorsWriter.of(change.apply(weights)).write(out);
            }
        });
        return out;
    }

    @Test
    void aConvertedFolderIsUsedAsTheOneItCameFrom() throws IOException {
        Path from = temp.resolve("from");
        Path to = temp.resolve("to");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toFolder(from);
        }
        Files.writeString(from.resolve("latente.json"), "{\"steps\": 7}");
        try (CheckpointFiles files = CheckpointFiles.open(from)) {
            new Converter(files, null).toFolder(to);
        }
        try (CheckpointFiles files = CheckpointFiles.open(to)) {
            assertEquals(Json.parse("{\"steps\": 7}"), files.usual());
        }
    }

    /** The folder with one model rewritten. */
    private Path copied(
            String model,
            String file,
            UnaryOperator<String> name,
            Function<Map<String, Tensor>, Map<String, Tensor>> change) {
        Path copy = temp.resolve("copy-" + System.nanoTime());
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toFolder(copy);
            String stem = model.equals("text_encoder") ? "model" : "diffusion_pytorch_model";
            Path old = copy.resolve(model).resolve(stem + ".safetensors");
            Path rewritten = rewritten(old, name, change);
            Files.delete(old);
            Files.move(rewritten, copy.resolve(model).resolve(file));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Tensor> convolved(Map<String, Tensor> weights) {
        weights.replaceAll((name, x) ->
                name.contains("attentions.0.") && x.dim() == 2 ? x.unsqueeze(-1).unsqueeze(-1) : x);
        return weights;
    }
}
