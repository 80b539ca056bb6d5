package dev.latente.training.recipe;

import dev.latente.training.data.ControlPictures;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.training.tuning.Base;
import dev.latente.training.tuning.ControlNetTuning;
import dev.latente.training.tuning.FullTuning;
import dev.latente.training.tuning.InversionTuning;
import dev.latente.training.tuning.LoraTuning;
import dev.latente.training.tuning.Tuning;
import dev.latente.weights.lora.LoraConfig;
import dev.latente.weights.lora.LoraTargets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that is taught something.
 *
 * @param checkpoint folder, single file, a model of the Hub, or one that the recipe knows by a name
 * @param tokenizer for a single file, which has none; or null
 * @param way how it is taught
 * @param objective what the recipe changes in it
 * @param control what a ControlNet is shown, or null
 * @param prior pictures of a subject's class that are learned beside it, or null
 * @param word that is learned, or null
 */
record TuningTraining(
        String checkpoint,
        @Nullable Path tokenizer,
        Function<Base, Tuning> way,
        UnaryOperator<DiffusionTask.Config> objective,
        @Nullable ControlPictures control,
        @Nullable Prior prior,
        @Nullable Word word)
        implements Training {
    /** Pictures of a class: those in the folder, and as many more that the checkpoint draws. */
    record Prior(String prompt, Path folder, int pictures, double weight) {}

    /**
     * A new word.
     *
     * @param captions of pictures whose own captions lack it
     */
    record Word(String token, List<String> captions) {}

    private static final Map<String, LoraTargets> TARGETS = new TreeMap<>(Map.of(
            "attention", LoraTargets.ATTENTION,
            "transformer", LoraTargets.TRANSFORMER,
            "convolutions", LoraTargets.CONVOLUTION));

    private static final List<String> PARTS = List.of("unet", "text_encoder", "text_encoder_2");

    /** All weights of the parts that are named. */
    static TuningTraining full(Section root) {
        List<String> named = root.texts("parts");
        List<String> parts = named.isEmpty() ? List.of("unet") : named;
        if (!PARTS.containsAll(parts)) {
            throw root.error("parts", "got %s, wanted some of %s".formatted(parts, PARTS));
        }
        return of(root, base -> new FullTuning(base, new HashSet<>(parts)), null, prior(root), null);
    }

    /** A subject: its pictures have one caption, and its class stands beside it. By a LoRA where there is a section for it. */
    static TuningTraining dreamBooth(Section root) {
        if (!root.section("data").has("captions")) {
            throw root.error(
                    "data", "captions is missing: wanted what to call the subject, such as a photo of sks dog");
        }
        return root.has("lora") ? lora(root) : full(root);
    }

    static TuningTraining lora(Section root) {
        Section s = root.section("lora");
        int rank = s.integer("rank", 4);
        double alpha = s.number("alpha", rank);
        LoraTargets targets = null;
        for (String name : s.has("targets") ? s.texts("targets") : List.of("attention")) {
            LoraTargets more = TARGETS.get(name);
            if (more == null) {
                throw s.error("targets", "got [%s], wanted some of %s".formatted(name, TARGETS.keySet()));
            }
            targets = targets == null ? more : targets.or(more);
        }
        LoraTargets unet = targets == null ? LoraTargets.ATTENTION : targets;
        LoraConfig config = s.checked(() -> LoraConfig.of(rank).withAlpha(alpha).withTargets(unet));
        boolean text = s.flag("text_encoder", false);
        return of(
                root,
                base -> {
                    Map<String, LoraConfig> parts = new TreeMap<>(Map.of("unet", config));
                    if (text) {
                        base.model().texts().forEach(t -> parts.put(t.name(), config.withTargets(LoraTargets.TEXT)));
                    }
                    return new LoraTuning(base, parts);
                },
                null,
                prior(root),
                null);
    }

    static TuningTraining textualInversion(Section root) {
        Section s = root.section("word");
        String token = s.text("token");
        String start = s.text("start", "");
        int vectors = s.integer("vectors", 1);
        boolean style = s.flag("style", false);
        Word word = new Word(token, InversionTuning.captions(token, style));
        return of(root, base -> new InversionTuning(base, token, start, vectors), null, null, word);
    }

    static TuningTraining controlNet(Section root) {
        Section s = root.section("control");
        List<String> kinds =
                List.of("canny", "folder", "column").stream().filter(s::has).toList();
        if (kinds.size() != 1) {
            throw s.error("", "got %s, wanted one of canny, folder and column".formatted(kinds));
        }
        Path start = s.has("start") ? s.path("start") : null;
        ControlPictures pictures = switch (kinds.get(0)) {
            case "canny" -> {
                List<Double> thresholds = s.numbers("canny", List.of(100.0, 200.0));
                yield ControlPictures.canny(thresholds.get(0), thresholds.get(1));
            }
            case "folder" -> ControlPictures.folder(s.path("folder"));
            default -> {
                Path folder = root.section("data").path("folder");
                String column = s.text("column");
                yield s.checked(() -> ControlPictures.column(folder, column));
            }
        };
        return of(root, base -> new ControlNetTuning(base, start), pictures, null, null);
    }

    private static TuningTraining of(
            Section root,
            Function<Base, Tuning> way,
            @Nullable ControlPictures control,
            @Nullable Prior prior,
            @Nullable Word word) {
        Section base = root.section("base");
        Section o = root.section("objective");
        double snr = o.number("min_snr_gamma", 0);
        double offset = o.number("noise_offset", 0);
        double dropout = o.number("caption_dropout", 0);
        return new TuningTraining(
                base.text("checkpoint"),
                base.has("tokenizer") ? base.path("tokenizer") : null,
                way,
                c -> c.withMinSnrGamma(snr)
                        .withNoiseOffset(offset)
                        .withCaptionDropout(dropout)
                        .withPriorWeight(prior == null ? 0 : prior.weight),
                control,
                prior,
                word);
    }

    private static @Nullable Prior prior(Section root) {
        if (!root.has("prior")) {
            return null;
        }
        Section s = root.section("prior");
        double weight = s.number("weight", 1);
        int pictures = s.integer("pictures", 100);
        if (!(weight > 0) || pictures < 1) {
            throw s.error("weight", "got [%s] for [%d] pictures, wanted both positive".formatted(weight, pictures));
        }
        return new Prior(s.text("prompt"), s.path("folder"), pictures, weight);
    }

    @Override
    public Learner learner(Recipe recipe, TrainingData data) {
        return new TuningLearner(this, recipe, data);
    }
}
