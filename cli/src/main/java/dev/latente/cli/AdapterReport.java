package dev.latente.cli;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import dev.latente.weights.inversion.TextualInversion;
import dev.latente.weights.lora.LoraSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code latente inspect} says of what is no checkpoint, but is laid over one or stands beside it. */
final class AdapterReport {
    /** Widths of the text that the U-Nets of published checkpoints look at. */
    private static final Map<Long, String> FAMILIES =
            Map.of(768L, "SD1", 1024L, "SD2", 1280L, "the SDXL refiner", 2048L, "SDXL");

    /** What nets beside a U-Net are called in their {@code config.json}. */
    private static final Map<String, String> CLASSES = Map.of(
            "ControlNetModel", "ControlNet",
            "ControlNetUnionModel", "ControlNet",
            "SD3ControlNetModel", "ControlNet",
            "T2IAdapter", "T2I-Adapter",
            "MultiAdapter", "T2I-Adapter");

    private AdapterReport() {}

    /** Null if it is none that is known. */
    static @Nullable Map<String, Object> of(Path path) {
        LoraSummary lora = Files.isDirectory(path)
                ? Files.exists(path.resolve("pytorch_lora_weights.safetensors")) ? LoraSummary.of(path) : null
                : LoraSummary.of(path);
        if (lora != null) {
            return lora(lora);
        }
        return Files.isDirectory(path) ? folder(path) : file(path);
    }

    private static Map<String, Object> lora(LoraSummary lora) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("adapter", String.join(", ", lora.kinds()));
        report.put("for", lora.fits());
        report.put("rank", range(lora.ranks()));
        report.put("alpha", lora.alphas().isEmpty() ? "as the rank" : range(lora.alphas()));
        report.put("layers", lora.parts());
        if (!lora.triggers().isEmpty()) {
            report.put("triggers", lora.triggers());
        }
        return report;
    }

    private static String range(List<? extends Number> values) {
        if (values.isEmpty()) {
            return "-";
        }
        return values.size() == 1 ? "" + values.get(0) : values.get(0) + " to " + values.get(values.size() - 1);
    }

    private static @Nullable Map<String, Object> folder(Path path) {
        Path config = path.resolve("config.json");
        if (!Files.isRegularFile(config)) {
            return null;
        }
        var json = Json.read(config);
        String kind = CLASSES.get(json.path("_class_name").asString(""));
        if (kind == null) {
            return null;
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("adapter", kind);
        put(report, json.path("cross_attention_dim").asLong(0));
        return report;
    }

    private static @Nullable Map<String, Object> file(Path path) {
        try (TensorFile file = TensorFiles.open(path)) {
            Map<String, Object> report = new LinkedHashMap<>();
            if (has(file, "control_model.input_blocks.") || has(file, "controlnet_cond_embedding.")) {
                report.put("adapter", "ControlNet");
                put(report, width(file, "attn2.to_k.weight"));
                return report;
            }
            if (has(file, "ip_adapter.") && has(file, "image_proj.")) {
                report.put("adapter", has(file, "image_proj.latents") ? "IP-Adapter plus" : "IP-Adapter");
                put(report, width(file, "to_k_ip.weight"));
                return report;
            }
            if (has(file, "adapter.body.") || (has(file, "body.0.") && has(file, "conv_in."))) {
                report.put("adapter", "T2I-Adapter");
                return report;
            }
            return file.keys().size() > 2 ? null : word(path, report);
        }
    }

    private static @Nullable Map<String, Object> word(Path path, Map<String, Object> report) {
        try (Arena arena = new Arena()) {
            TextualInversion word = TextualInversion.read(path, null, arena);
            report.put("adapter", "textual inversion");
            Map<String, Object> vectors = new TreeMap<>();
            word.vectors()
                    .forEach((encoder, x) -> vectors.put(encoder, "%d of %d".formatted(Ops.shape(x)[0], x.size(1))));
            if (vectors.size() == 2) {
                report.put("for", "SDXL");
            } else {
                put(report, word.vectors().values().iterator().next().size(1));
            }
            report.put("word", word.token());
            report.put("vectors", vectors);
            return report;
        } catch (WeightsException e) {
            return null;
        }
    }

    private static void put(Map<String, Object> report, long width) {
        if (FAMILIES.containsKey(width)) {
            report.put("for", FAMILIES.get(width));
        } else if (width > 0) {
            report.put("for", "text of %d numbers for each token".formatted(width));
        }
    }

    private static boolean has(TensorFile file, String prefix) {
        return file.keys().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** What the first layer of that name reads. */
    private static long width(TensorFile file, String ending) {
        return file.tensors().values().stream()
                .filter(info -> info.name().endsWith(ending))
                .map(TensorInfo::shape)
                .filter(shape -> shape.size() == 2)
                .mapToLong(shape -> shape.get(1))
                .findFirst()
                .orElse(0);
    }
}
