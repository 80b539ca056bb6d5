package dev.latente.weights.lora;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds the families of checkpoints that an adapter can be for, by what its layers are called and how wide they are. */
final class LoraFamilies {
    private static final List<String> ALL = List.of("sd1", "sd2", "sdxl", "sdxl_refiner", "sd3", "flux");

    /** What a layer reads that looks at the text, and the family of it. */
    private static final Map<Long, String> TEXT_WIDTHS =
            Map.of(768L, "sd1", 1024L, "sd2", 2048L, "sdxl", 1280L, "sdxl_refiner");

    /** Names of layers that only some families have. */
    private static final Map<Pattern, List<String>> NAMES = Map.of(
            Pattern.compile(".*(double_blocks|single_blocks|single_transformer_blocks)_.*"), List.of("flux"),
            Pattern.compile(".*joint_blocks_.*"), List.of("sd3"),
            Pattern.compile(".*transformer_blocks_[1-9]\\d*_attn[12]_.*"), List.of("sdxl", "sdxl_refiner"),
            Pattern.compile("(down_blocks_0_attentions|input_blocks_[12]_1)_.*"), List.of("sd1", "sd2"),
            Pattern.compile(
                            "(down_blocks_[0-3]|up_blocks_[0-3]|mid_block|input_blocks_\\d+|middle_block|output_blocks_\\d+)_.*"),
                    List.of("sd1", "sd2", "sdxl", "sdxl_refiner"));

    /** How metadata begin that say the family. */
    private static final String[][] METADATA = {
        {"sd_v1", "sd1"},
        {"sd_1", "sd1"},
        {"stable-diffusion-v1", "sd1"},
        {"sd_v2", "sd2"},
        {"sd_2", "sd2"},
        {"stable-diffusion-v2", "sd2"},
        {"sdxl_refiner", "sdxl_refiner"},
        {"stable-diffusion-xl-v1-refiner", "sdxl_refiner"},
        {"sdxl", "sdxl"},
        {"stable-diffusion-xl", "sdxl"},
        {"sd3", "sd3"},
        {"stable-diffusion-3", "sd3"},
        {"flux", "flux"},
    };

    private final Set<String> left = new TreeSet<>(ALL);

    /** Takes notice of a layer that reads so many numbers; 0 where that is not known. */
    void see(LoraKey key, long inputs) {
        String layer = LayerNames.flat(key.layer());
        NAMES.forEach((name, families) -> {
            if (key.model().equals("unet") && name.matcher(layer).matches()) {
                keep(families);
            }
        });
        if (layer.matches(".*attn2_to_[kv]") && TEXT_WIDTHS.containsKey(inputs)) {
            keep(List.of(TEXT_WIDTHS.get(inputs)));
        }
        switch (key.model()) {
            case "text_encoder_3" -> keep(List.of("sd3"));
            case "text_encoder_2" -> keep(List.of("sdxl", "sdxl_refiner", "sd3"));
            case "transformer" ->
                keep(layer.contains("single_") || inputs == 3072 ? List.of("flux") : List.of("sd3", "flux"));
            default -> {}
        }
    }

    /** Leaves these alone, unless they contradict what was seen before. */
    private void keep(List<String> families) {
        if (families.stream().anyMatch(left::contains)) {
            left.retainAll(families);
        }
    }

    /** The families that are left, when the metadata have said the rest. */
    Set<String> left(Map<String, String> metadata) {
        for (String key : List.of("modelspec.architecture", "ss_base_model_version")) {
            String told = metadata.getOrDefault(key, "").toLowerCase(Locale.ROOT);
            for (String[] row : METADATA) {
                if (told.startsWith(row[0])) {
                    keep(List.of(row[1]));
                    break;
                }
            }
        }
        return new TreeSet<>(left);
    }
}
