package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.flux.Flux;
import dev.latente.models.flux.FluxConfig;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Checkpoints that have learned nothing, in the layout of diffusers: to start training from, to measure, to test with. The
 * vocabulary is the printable characters of ASCII, so a prompt has one token for each letter.
 *
 * @param configs what {@code config.json} of each part says: {@code unet} or {@code transformer}, {@code vae},
 *     {@code text_encoder}, and {@code text_encoder_2}, {@code text_encoder_3} and {@code controlnet} where there is one; a
 *     text encoder with a {@code d_model} is a T5
 * @param scheduler what {@code scheduler_config.json} says
 */
public record UntrainedCheckpoint(Map<String, JsonNode> configs, JsonNode scheduler) {
    public UntrainedCheckpoint {
        configs = new LinkedHashMap<>(configs);
    }

    /**
     * Writes the folder.
     *
     * @param weights the values, in any dtype; {@link WeightSources#random} for instance
     * @param dtype that they are stored in
     * @throws WeightsException if it cannot be written
     */
    public void write(Path folder, WeightSource weights, DType dtype) {
        WeightSource stored = WeightSources.cast(weights, dtype, Device.CPU);
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("_class_name", pipeline());
        configs.forEach((part, config) -> {
            Path directory = directory(folder, part);
            write(directory.resolve("config.json"), config);
            List<TensorInfo> tensors = tensors(part, config, dtype);
            Map<String, long[]> shapes = new LinkedHashMap<>();
            tensors.forEach(t -> shapes.put(t.name(), t.dims()));
            boolean text = part.startsWith("text");
            SafetensorsWriter.of(tensors, name -> stored.get(name, shapes.getOrDefault(name, new long[0])))
                    .withMetadata(Map.of("format", "pt"))
                    .write(directory.resolve(text ? "model.safetensors" : "diffusion_pytorch_model.safetensors"));
            index.put(part, List.of(text ? "transformers" : "diffusers", className(part, config)));
            if (text) {
                String tokenizer = part.replace("text_encoder", "tokenizer");
                boolean t5 = config.has("d_model");
                writeAll(directory(folder, tokenizer), t5 ? unigram(config) : clip(config));
                index.put(tokenizer, List.of("transformers", t5 ? "T5Tokenizer" : "CLIPTokenizer"));
            }
        });
        write(directory(folder, "scheduler").resolve("scheduler_config.json"), scheduler);
        index.put(
                "scheduler", List.of("diffusers", scheduler.path("_class_name").asString("")));
        write(folder.resolve("model_index.json"), index);
    }

    private String pipeline() {
        JsonNode transformer = configs.get("transformer");
        if (transformer != null) {
            return isFlux(transformer) ? "FluxPipeline" : "StableDiffusion3Pipeline";
        }
        return configs.containsKey("text_encoder_2") ? "StableDiffusionXLPipeline" : "StableDiffusionPipeline";
    }

    /** Name, shape and size of every weight of a part. */
    static List<TensorInfo> tensors(String part, JsonNode config, DType dtype) {
        Map<String, List<Long>> shapes = WeightSources.shapes(source -> build(part, config, source));
        return shapes.entrySet().stream()
                .map(e -> {
                    long count = e.getValue().stream().reduce(1L, Math::multiplyExact);
                    return new TensorInfo(e.getKey(), dtype.code(), e.getValue(), count * dtype.bytes());
                })
                .toList();
    }

    private static void build(String part, JsonNode config, WeightSource weights) {
        try (Arena arena = new Arena()) {
            Params p = Params.of(weights, arena);
            switch (part) {
                case "unet" -> new UNet2DCondition(p, UNetConfig.of(config));
                case "transformer" -> transformer(p, config);
                case "controlnet" -> new ControlNet(p, ControlNetConfig.of(config));
                case "vae" -> new AutoencoderKL(p, VaeConfig.of(config));
                case "text_encoder", "text_encoder_2", "text_encoder_3" -> textEncoder(p, config);
                default ->
                    throw new IllegalArgumentException(
                            "part [%s] is not known: use unet, transformer, controlnet, vae, text_encoder, text_encoder_2 or text_encoder_3"
                                    .formatted(part));
            }
        }
    }

    private static Object transformer(Params p, JsonNode config) {
        return isFlux(config) ? new Flux(p, FluxConfig.of(config)) : new MMDiT(p, MMDiTConfig.of(config));
    }

    private static Object textEncoder(Params p, JsonNode config) {
        return config.has("d_model")
                ? new T5Encoder(p, T5Config.of(config))
                : new ClipTextModel(p, ClipTextConfig.of(config));
    }

    static boolean isFlux(JsonNode transformer) {
        return transformer.has("num_single_layers");
    }

    private static String className(String part, JsonNode config) {
        return switch (part) {
            case "unet" -> "UNet2DConditionModel";
            case "transformer" -> isFlux(config) ? "FluxTransformer2DModel" : "SD3Transformer2DModel";
            case "controlnet" -> "ControlNetModel";
            case "vae" -> "AutoencoderKL";
            default -> config.path("architectures").path(0).asString("CLIPTextModel");
        };
    }

    /** One token for each printable character, alone and at the end of a word; the last two ids are start and end. */
    private static Map<String, Object> clip(JsonNode config) {
        int size = config.path("vocab_size").asInt();
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (char c = '!'; c <= '~'; c++) {
            vocabulary.put(String.valueOf(c), vocabulary.size());
            vocabulary.put(c + "</w>", vocabulary.size());
        }
        if (size < vocabulary.size() + 2) {
            throw new IllegalArgumentException(
                    "vocab_size: got [%d], wanted at least %d".formatted(size, vocabulary.size() + 2));
        }
        vocabulary.put("<|startoftext|>", size - 2);
        vocabulary.put("<|endoftext|>", size - 1);
        int window = config.path("max_position_embeddings").asInt(77);
        return Map.of(
                "vocab.json",
                vocabulary,
                "tokenizer_config.json",
                Map.of("tokenizer_class", "CLIPTokenizer", "model_max_length", window),
                "merges.txt",
                "#version: 0.2\n");
    }

    /** T5's first three pieces, and one for each printable character. */
    private static Map<String, Object> unigram(JsonNode config) {
        List<Object> pieces = new ArrayList<>();
        List.of("<pad>", "</s>", "<unk>", "\u2581").forEach(piece -> pieces.add(List.of(piece, 0)));
        for (char c = '!'; c <= '~'; c++) {
            pieces.add(List.of(String.valueOf(c), -1));
        }
        int size = config.path("vocab_size").asInt(32128);
        if (size < pieces.size()) {
            throw new IllegalArgumentException(
                    "vocab_size: got [%d], wanted at least %d".formatted(size, pieces.size()));
        }
        return Map.of(
                "tokenizer.json",
                Map.of("model", Map.of("type", "Unigram", "unk_id", 2, "vocab", pieces)),
                "tokenizer_config.json",
                Map.of("tokenizer_class", "T5Tokenizer", "extra_ids", 0));
    }

    private static void writeAll(Path folder, Map<String, Object> files) {
        files.forEach((name, content) -> {
            if (content instanceof String text) {
                write(folder.resolve(name), text);
            } else {
                write(folder.resolve(name), content);
            }
        });
    }

    private static Path directory(Path folder, String name) {
        Path directory = folder.resolve(name);
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new WeightsException(directory, null, "cannot be made: " + e, e);
        }
    }

    private static void write(Path file, Object json) {
        write(file, Json.text(json));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new WeightsException(file, null, "cannot be written: " + e, e);
        }
    }
}
