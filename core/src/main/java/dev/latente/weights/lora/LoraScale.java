package dev.latente.weights.lora;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How strongly an adapter changes what; 1 is as it was trained, below 0 is the opposite.
 *
 * @param unet of the U-Net or transformer
 * @param text of the text encoders
 * @param blocks what the others are multiplied with in some blocks, by names such as {@code IN04}, {@code M00}, {@code OUT11}
 *     or {@code BASE}, or by the beginning of a path such as {@code down_blocks.1}; the longest that fits counts
 */
public record LoraScale(double unet, double text, Map<String, Double> blocks) {
    /** The blocks of a list of so many numbers, as the extension for block weights counts them. */
    private static final List<List<String>> LISTS = List.of(
            names("IN04,IN05,IN07,IN08,M00,OUT00,OUT01,OUT02,OUT03,OUT04,OUT05"),
            names("IN01,IN02,IN04,IN05,IN07,IN08,M00,OUT03,OUT04,OUT05,OUT06,OUT07,OUT08,OUT09,OUT10,OUT11"),
            range(8),
            range(11));

    public LoraScale {
        blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
        if (!Double.isFinite(unet) || !Double.isFinite(text)) {
            throw new IllegalArgumentException(
                    "LoRA: got the scales [%s] and [%s], wanted numbers".formatted(unet, text));
        }
    }

    /** The same for everything. */
    public static LoraScale of(double scale) {
        return new LoraScale(scale, scale, Map.of());
    }

    /**
     * Reads {@code SCALE}, or {@code TEXT:UNET}, and {@code te=}, {@code unet=}, {@code lbw=} in any order behind it.
     *
     * @param arguments what stands between the colons; nothing for 1
     * @throws IllegalArgumentException if it is none of these
     */
    public static LoraScale parse(List<String> arguments) {
        List<Double> places = new ArrayList<>();
        Map<String, String> named = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals > 0) {
                named.put(argument.substring(0, equals).strip(), argument.substring(equals + 1));
            } else {
                places.add(number(argument));
            }
        }
        double text = places.isEmpty() ? 1 : places.get(0);
        double unet = places.size() > 1 ? places.get(1) : text;
        if (places.size() > 2 || !Set.of("te", "unet", "lbw").containsAll(named.keySet())) {
            throw new IllegalArgumentException(
                    "LoRA: got %s, wanted SCALE, TEXT:UNET, te=SCALE, unet=SCALE or lbw=BLOCKS".formatted(arguments));
        }
        return new LoraScale(
                named.containsKey("unet") ? number(named.get("unet")) : unet,
                named.containsKey("te") ? number(named.get("te")) : text,
                named.containsKey("lbw") ? blocks(named.get("lbw")) : Map.of());
    }

    private static Map<String, Double> blocks(String text) {
        String[] parts = text.split(",", -1);
        Map<String, Double> blocks = new LinkedHashMap<>();
        if (text.contains("=")) {
            for (String part : parts) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? "" : part.substring(0, equals).strip();
                if (!name.matches("(?i)IN\\d\\d|OUT\\d\\d|M00|BASE") && !name.matches("[a-z][a-z_0-9.]*")) {
                    throw new IllegalArgumentException(
                            "LoRA: got the block [%s], wanted NAME=SCALE with a name such as down_blocks.1, IN04 or BASE"
                                    .formatted(part));
                }
                boolean path = name.contains("_");
                blocks.put(path ? name : name.toUpperCase(Locale.ROOT), number(part.substring(equals + 1)));
            }
            return blocks;
        }
        List<String> list = LISTS.stream()
                .filter(names -> names.size() == parts.length - 1)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "LoRA: got %d block weights, wanted 12 or 20 for SDXL, 17 or 26 for SD1 and SD2, or NAME=SCALE"
                                .formatted(parts.length)));
        blocks.put("BASE", number(parts[0]));
        for (int i = 0; i < list.size(); i++) {
            blocks.put(list.get(i), number(parts[i + 1]));
        }
        return blocks;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("LoRA: got the scale [%s], wanted a number".formatted(text), e);
        }
    }

    /**
     * The scales of a model's weights by their names.
     *
     * @param model unet, transformer, text_encoder, …
     * @param weights all that it has
     */
    public ToDoubleFunction<String> of(String model, Set<String> weights) {
        double whole = model.startsWith("text_encoder") ? text : unet;
        if (blocks.isEmpty()) {
            return weight -> whole;
        }
        Map<String, String> counted = model.equals("unet") ? LayerNames.blocks(weights) : Map.of();
        double base = blocks.getOrDefault("BASE", 1.0);
        return weight -> {
            String path = blocks.keySet().stream()
                    .filter(name -> weight.startsWith(name + "."))
                    .max(Comparator.comparingInt(String::length))
                    .orElse(counted.getOrDefault(weight, ""));
            return whole * blocks.getOrDefault(path, base);
        };
    }

    private static List<String> names(String list) {
        return List.of(list.split(",", -1));
    }

    /** All blocks of a U-Net whose last ones have that number. */
    private static List<String> range(int last) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            names.add("IN%02d".formatted(i));
        }
        names.add("M00");
        for (int i = 0; i <= last; i++) {
            names.add("OUT%02d".formatted(i));
        }
        return names;
    }

    /** As the command line has it. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(text == unet ? "" + unet : text + ":" + unet);
        if (!blocks.isEmpty()) {
            List<String> parts = new ArrayList<>();
            blocks.forEach((name, scale) -> parts.add(name + "=" + scale));
            out.append(":lbw=").append(String.join(",", parts));
        }
        return out.toString();
    }
}
