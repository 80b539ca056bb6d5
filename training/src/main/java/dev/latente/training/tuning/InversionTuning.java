package dev.latente.training.tuning;

import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.Tokenizer;
import dev.latente.training.Parameters;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.inversion.TextualInversion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The vectors of a new word learn, and nothing else (Gal et al. 2022, section 3.2); in every text encoder, under its name. The
 * captions have to contain the word.
 */
public final class InversionTuning implements Tuning {
    private static final String TABLE = "text_model.embeddings.token_embedding.weight";

    /** What pictures of a thing are called while its word is learned, after Gal et al. 2022, appendix. */
    private static final List<String> OBJECT = List.of(
            "a photo of %s",
            "a picture of %s",
            "a close-up of %s",
            "%s seen from afar",
            "a bright photo of %s",
            "a dark photo of %s",
            "one %s",
            "%s in the middle of the picture");

    private static final List<String> STYLE = List.of(
            "a picture in the style of %s",
            "a painting in the style of %s",
            "a drawing in the style of %s",
            "a work in the style of %s",
            "a small picture in the style of %s",
            "a landscape in the style of %s");

    private final Base base;
    private final String token;
    private final String words;
    private final int count;

    /** A text encoder with the row of the first new vector in its table. */
    private record Place(DiffusionTask.Text text, DiffusionTask.Text before, long first) {
        long size() {
            return before.config().size();
        }
    }

    private final Map<String, Place> places = new LinkedHashMap<>();

    /**
     * For a word that the tokenizers do not know.
     *
     * @param token the new word, such as {@code <cat-toy>}
     * @param words that say what it is like; the vectors start as those of their tokens, or as the mean of several where
     *     there are more tokens than vectors; an empty text for random vectors
     * @param count vectors of the word
     * @throws IllegalArgumentException if the word is in the vocabulary
     */
    public InversionTuning(Base base, String token, String words, int count) {
        if (token.isBlank() || count < 1) {
            throw new IllegalArgumentException(
                    "textual inversion: got the word [%s] with [%d] vectors, wanted a word with one or more"
                            .formatted(token, count));
        }
        this.base = base;
        this.token = token;
        this.words = words;
        this.count = count;
        for (DiffusionTask.Text text : base.model().texts()) {
            ClipTokenizer tokenizer = clip(text.tokenizer()).withWord(token, count);
            long first = tokenizer.id(token);
            long rows = Math.max(text.config().vocabulary(), first + count);
            places.put(
                    text.name(),
                    new Place(
                            new DiffusionTask.Text(text.name(), text.config().withVocabulary(rows), tokenizer),
                            text,
                            first));
        }
    }

    private static ClipTokenizer clip(Tokenizer tokenizer) {
        if (tokenizer instanceof ClipTokenizer clip) {
            return clip;
        }
        throw new IllegalArgumentException("textual inversion: got a tokenizer that is not CLIP's");
    }

    /** Captions with the word for pictures of a thing, or for pictures in a style. */
    public static List<String> captions(String token, boolean style) {
        return (style ? STYLE : OBJECT).stream().map(c -> c.formatted(token)).toList();
    }

    @Override
    public Parameters parameters(long seed) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        places.forEach((name, place) -> shapes.put(name, new long[] {count, place.size()}));
        try (Rng rng = new Rng(seed)) {
            return Scopes.within(() -> {
                Map<String, Tensor> initial = new LinkedHashMap<>();
                places.forEach((name, place) -> initial.put(name, start(place, rng)));
                return new Parameters(shapes, Values.of(initial), base.device());
            });
        }
    }

    /** The first vectors of a text encoder, fp32 [count,d]. */
    private Tensor start(Place place, Rng rng) {
        long rows = place.before.config().vocabulary();
        Tensor table = Ops.to(base.files().weights(place.text.name()).get(TABLE, rows, place.size()), DType.F32);
        long[] ids = place.before.tokenizer().encode(words);
        if (ids.length == 0) {
            Tensor spread = table.sub(table.mean()).square().mean().sqrt();
            return rng.normal(count, place.size()).mul(spread);
        }
        List<Tensor> vectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Tensor> mine = new ArrayList<>();
            for (int j = i % ids.length; j < ids.length; j += count) {
                mine.add(table.select(0, ids[j]));
            }
            vectors.add(Ops.stack(0, mine.toArray(new Tensor[0])).mean(0));
        }
        return Ops.stack(0, vectors.toArray(new Tensor[0]));
    }

    @Override
    public DiffusionTask.Model model() {
        return base.model().withTexts(places.values().stream().map(Place::text).toList());
    }

    @Override
    public WeightSource weights(WeightSource learning) {
        Map<String, WeightSource> changed = new LinkedHashMap<>();
        places.forEach((name, place) -> changed.put(
                name,
                TextualInversion.withVectors(
                        base.weights(name),
                        place.before.config().vocabulary(),
                        place.first,
                        learning.get(name, count, place.size()))));
        return base.with(changed);
    }

    /** Writes {@code learned_embeds.safetensors} as diffusers does. */
    @Override
    public Path write(Path folder, WeightSource learned, DType dtype) {
        Path file = Values.directory(folder).resolve("learned_embeds.safetensors");
        Map<String, Tensor> vectors = new LinkedHashMap<>();
        Scopes.run(() -> {
            places.forEach((name, place) ->
                    vectors.put(name, Ops.to(learned.get(name, count, place.size()), dtype, Device.CPU)));
            new TextualInversion(token, vectors).write(file);
        });
        return file;
    }

    @Override
    public Checkpoint load(Path written) {
        return Checkpoint.load(base.path(), base.options().withEmbedding(written, token));
    }
}
