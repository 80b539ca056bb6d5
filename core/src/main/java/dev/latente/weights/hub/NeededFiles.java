package dev.latente.weights.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which files of a repository are needed to draw: configurations, tokenizers, and one set of weights for each part. Names are
 * those that diffusers and transformers write; the copies for other runtimes (ONNX, OpenVINO, Flax, TensorFlow) have others.
 */
public final class NeededFiles {
    static final String MODEL_INDEX = "model_index.json";
    private static final String SAFETY_CHECKER = "safety_checker";

    /** As in {@code diffusion_pytorch_model.fp16-00001-of-00002.safetensors}; older files have the variant after the numbers. */
    private static final Pattern WEIGHTS = Pattern.compile(
            "(?<stem>diffusion_pytorch_model|model|pytorch_model)"
                    + "(?:\\.(?<variant>\\w+))?(?:-(?<shard>\\d{5})-of-(?<of>\\d{5})(?:\\.(?<late>\\w+))?)?\\.(?<format>safetensors|bin)");

    private static final Pattern SMALL = Pattern.compile(".*\\.(?:json|txt|model|jinja)");
    private static final Pattern WEIGHT_INDEX = Pattern.compile(".*\\.index(?:\\.\\w+)?\\.json");
    private static final Pattern SINGLE = Pattern.compile("[^/]+\\.(?:safetensors|ckpt)");
    private static final Pattern NOT_A_MODEL = Pattern.compile(".*(?:lora|non[-_]?ema|embedding).*");

    private NeededFiles() {}

    /** All parts but the safety checker. */
    public static List<String> of(List<String> files, @Nullable String variant) {
        return of(files, variant, part -> !part.equals(SAFETY_CHECKER));
    }

    /**
     * The needed ones of a repository's files, sorted; empty where nothing looks like a model.
     *
     * @param variant the preferred weights, as in {@code fp16}, or null for the plain ones; the others serve where these are not there
     * @param parts which folders are wanted, as in {@code unet}
     */
    public static List<String> of(List<String> files, @Nullable String variant, Predicate<String> parts) {
        Map<String, List<String>> folders = files.stream()
                .filter(file -> file.indexOf('/') == file.lastIndexOf('/'))
                .collect(Collectors.groupingBy(NeededFiles::folder, TreeMap::new, Collectors.toList()));
        List<String> top = folders.getOrDefault("", List.of());
        Set<String> needed = new TreeSet<>();
        if (top.contains(MODEL_INDEX)) {
            needed.add(MODEL_INDEX);
            folders.forEach((folder, inside) -> {
                if (!folder.isEmpty() && parts.test(folder)) {
                    needed.addAll(part(inside, variant));
                }
            });
        } else if (top.contains("config.json") && !weights(top, variant).isEmpty()) {
            needed.addAll(part(top, variant));
        } else {
            needed.addAll(single(top, variant));
        }
        return new ArrayList<>(needed);
    }

    /** The parts that {@code model_index.json} names, but for the safety checker and those that it leaves empty. */
    public static Set<String> components(JsonNode modelIndex) {
        Set<String> parts = new TreeSet<>();
        modelIndex.properties().forEach(entry -> {
            JsonNode type = entry.getValue();
            if (type.isArray() && type.path(1).isString() && !entry.getKey().equals(SAFETY_CHECKER)) {
                parts.add(entry.getKey());
            }
        });
        return parts;
    }

    private static List<String> part(List<String> files, @Nullable String variant) {
        List<String> needed = new ArrayList<>(weights(files, variant));
        files.stream()
                .filter(file -> SMALL.matcher(file).matches()
                        && !WEIGHT_INDEX.matcher(file).matches())
                .forEach(needed::add);
        return needed;
    }

    /** One file (no shards) or all shards of a part's weights, in one format and variant. */
    private record WeightSet(String stem, String variant, String format, int shards) {
        static WeightSet of(Matcher m) {
            String late = m.group("late") == null ? "" : m.group("late");
            String variant = m.group("variant") == null ? late : m.group("variant");
            int shards = m.group("of") == null ? 0 : Integer.parseInt(m.group("of"));
            return new WeightSet(m.group("stem"), variant, m.group("format"), shards);
        }

        /** The names that an index of the shards may have. */
        List<String> indexes() {
            String plain = stem + "." + format;
            return variant.isEmpty()
                    ? List.of(plain + ".index.json")
                    : List.of(plain + ".index." + variant + ".json", plain + "." + variant + ".index.json");
        }
    }

    private static List<String> weights(List<String> files, @Nullable String variant) {
        Map<WeightSet, List<String>> sets = files.stream()
                .filter(file -> WEIGHTS.matcher(base(file)).matches())
                .collect(Collectors.groupingBy(NeededFiles::set));
        String wanted = variant == null ? "" : variant;
        Comparator<WeightSet> best = Comparator.<WeightSet>comparingInt(
                        set -> set.variant().equals(wanted) ? 0 : set.variant().isEmpty() ? 1 : 2)
                .thenComparing(WeightSet::format, Comparator.reverseOrder())
                .thenComparingInt(WeightSet::shards)
                .thenComparing(WeightSet::stem)
                .thenComparing(WeightSet::variant, Comparator.comparing(v -> v.equals("fp16") ? "" : v));
        return sets.entrySet().stream()
                .filter(e -> e.getValue().size() == Math.max(1, e.getKey().shards()))
                .filter(e -> e.getKey().variant().equals(wanted)
                        || !e.getKey().variant().contains("ema"))
                .min(Map.Entry.comparingByKey(best))
                .map(e -> withIndex(e.getKey(), e.getValue(), files))
                .orElse(List.of());
    }

    private static WeightSet set(String file) {
        Matcher matcher = WEIGHTS.matcher(base(file));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("[%s] is not a weight file".formatted(file));
        }
        return WeightSet.of(matcher);
    }

    private static List<String> withIndex(WeightSet set, List<String> weights, List<String> files) {
        List<String> all = new ArrayList<>(weights);
        files.stream()
                .filter(file -> set.shards() > 0 && set.indexes().contains(base(file)))
                .forEach(all::add);
        return all;
    }

    /** The one checkpoint of a repository that is not in parts: pruned, for inference, and without pickles where there is a choice. */
    private static List<String> single(List<String> top, @Nullable String variant) {
        Comparator<String> best = Comparator.<String>comparingInt(
                        file -> variant != null && lower(file).contains(lower(variant)) ? 0 : 1)
                .thenComparingInt(file -> file.endsWith(".safetensors") ? 0 : 1)
                .thenComparingInt(file -> lower(file).contains("pruned") ? 0 : 1)
                .thenComparingInt(file -> lower(file).contains("emaonly") ? 0 : 1)
                .thenComparingInt(String::length)
                .thenComparing(Comparator.naturalOrder());
        return top.stream()
                .filter(file -> SINGLE.matcher(file).matches()
                        && !NOT_A_MODEL.matcher(lower(file)).matches())
                .min(best)
                .map(List::of)
                .orElse(List.of());
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String folder(String file) {
        return file.substring(0, Math.max(0, file.indexOf('/')));
    }

    private static String base(String file) {
        return file.substring(file.indexOf('/') + 1);
    }
}
