package dev.latente.text;

import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * CLIP's byte pair encoding (Radford et al. 2021, section 2.4): NFC, lower case, words by CLIP's pattern, their UTF-8 bytes
 * written as printable characters, merges. Ids equal those of transformers 5, where a special token of the text, such as
 * the {@code !} with which SD2 pads, is cut out first.
 */
public final class ClipTokenizer implements Tokenizer {
    /** Groups: the name in a literal control token, which falls apart into three words. */
    private static final Pattern WORD = Pattern.compile("<\\|((?:start|end)oftext)\\|>|'s|'t|'re|'ve|'m|'ll|'d|" + "["
            + Unicode.LETTERS + "]+|[" + Unicode.NUMBERS + "]|[^ " + Unicode.LETTERS + Unicode.NUMBERS + "]+");

    private static final Map<String, String> DEFAULTS = Map.of(
            "bos_token", "<|startoftext|>",
            "eos_token", "<|endoftext|>",
            "unk_token", "<|endoftext|>",
            "pad_token", "<|endoftext|>");

    private final Map<String, Integer> vocabulary;
    private final Map<Integer, String> names;
    private final BytePairEncoding words;
    private final AddedTokens added;
    /** How many tokens a word stands for that was learned as several: its id and those behind it. */
    private final Map<Long, Integer> lengths;

    private final int bos;
    private final int eos;
    private final int pad;
    private final int maxLength;

    private ClipTokenizer(Map<String, Integer> vocabulary, List<String[]> merges, TokenizerFiles files) {
        this.vocabulary = vocabulary;
        this.added = new AddedTokens(files.added(), vocabulary, Unicode::foldForClip);
        this.words = new BytePairEncoding(vocabulary, merges, files.id("unk_token", vocabulary, added));
        this.bos = files.id("bos_token", vocabulary, added);
        this.eos = files.id("eos_token", vocabulary, added);
        this.pad = files.id("pad_token", vocabulary, added);
        this.maxLength = files.maxLength();
        this.lengths = Map.of();
        this.names = new HashMap<>();
        vocabulary.forEach((token, id) -> names.put(id, token));
    }

    private ClipTokenizer(ClipTokenizer base, AddedTokens added, Map<Long, Integer> lengths, int pad) {
        this.vocabulary = base.vocabulary;
        this.names = base.names;
        this.words = base.words;
        this.bos = base.bos;
        this.eos = base.eos;
        this.maxLength = base.maxLength;
        this.pad = pad;
        this.added = added;
        this.lengths = lengths;
    }

    /**
     * Reads a tokenizer folder: {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt}, with their settings.
     *
     * @throws WeightsException if a file is missing or the vocabulary does not fit the merges
     */
    public static ClipTokenizer load(Path folder) {
        TokenizerFiles files = new TokenizerFiles(folder, DEFAULTS);
        boolean single = files.has("tokenizer.json");
        JsonNode model = files.json("tokenizer.json").path("model");
        JsonNode entries = single ? model.path("vocab") : files.required("vocab.json");
        Map<String, Integer> vocabulary = new HashMap<>();
        entries.properties()
                .forEach(e -> vocabulary.put(e.getKey(), e.getValue().asInt()));
        try {
            return new ClipTokenizer(vocabulary, single ? merges(model) : merges(files.path("merges.txt")), files);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(folder, null, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String[]> merges(JsonNode model) {
        List<String[]> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            merges.add(
                    merge.isString()
                            ? pair(merge.asString())
                            : new String[] {
                                merge.path(0).asString(), merge.path(1).asString()
                            });
        }
        return merges;
    }

    private static List<String[]> merges(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.startsWith("#version") && !line.isEmpty())
                    .map(ClipTokenizer::pair)
                    .toList();
        } catch (IOException e) {
            throw new WeightsException(file, null, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static String[] pair(String line) {
        String[] pair = line.split(" ", -1);
        if (pair.length != 2) {
            throw new IllegalArgumentException("merge [%s] does not consist of two tokens".formatted(line));
        }
        return pair;
    }

    /** The same tokenizer with more tokens; the new ids follow the largest one, in order. Known tokens stay as they are. */
    public ClipTokenizer withTokens(List<String> tokens) {
        List<AddedToken> all = new ArrayList<>();
        added.tokens().forEach(all::add);
        tokens.stream()
                .filter(t -> added.id(t) == null)
                .map(AddedToken::ordinary)
                .forEach(all::add);
        return new ClipTokenizer(this, new AddedTokens(all, vocabulary, Unicode::foldForClip), lengths, pad);
    }

    /**
     * The same tokenizer with a word that stands for {@code count} new tokens: itself, {@code word_1}, {@code word_2}, ….
     *
     * @throws IllegalArgumentException if one of them is a token already
     */
    public ClipTokenizer withWord(String word, int count) {
        List<String> tokens = IntStream.range(0, count)
                .mapToObj(i -> i == 0 ? word : word + "_" + i)
                .toList();
        for (String token : tokens) {
            if (id(token) >= 0) {
                throw new IllegalArgumentException(
                        "token [%s] is in the vocabulary already: give the word another name".formatted(token));
            }
        }
        ClipTokenizer more = withTokens(tokens);
        Map<Long, Integer> counts = new HashMap<>(lengths);
        counts.put((long) more.id(word), count);
        return new ClipTokenizer(more, more.added, counts, pad);
    }

    /** The same tokenizer, padding with a token of the vocabulary, which then is a control token wherever it stands. */
    public ClipTokenizer withPad(String token) {
        List<AddedToken> all = new ArrayList<>();
        added.tokens().forEach(all::add);
        all.add(AddedToken.special(token));
        AddedTokens more = new AddedTokens(all, vocabulary, Unicode::foldForClip);
        Integer id = vocabulary.get(token);
        if (id == null) {
            throw new IllegalArgumentException("token [%s] is not in the vocabulary".formatted(token));
        }
        return new ClipTokenizer(this, more, lengths, id);
    }

    @Override
    public long[] encode(String text) {
        return Arrays.stream(added.encode(text, this::encodeWords))
                .flatMap(id -> LongStream.range(id, id + lengths.getOrDefault(id, 1)))
                .toArray();
    }

    private void encodeWords(String text, LongStream.Builder ids) {
        split(text).forEach(word -> words.encode(word, ids));
    }

    /** The words of a text as the merges see them, their UTF-8 bytes as printable characters: what a vocabulary is learned from. */
    public static List<String> words(String text) {
        return split(Unicode.foldForClip(text)).toList();
    }

    private static Stream<String> split(String text) {
        return WORD.matcher(text).results().flatMap(word -> {
            String name = word.group(1);
            return name == null ? Stream.of(ByteCharacters.of(word.group())) : Stream.of("<|", name, "|>");
        });
    }

    /** The characters that stand for the 256 bytes in words, in the order of CLIP's vocabulary. */
    public static List<String> alphabet() {
        return ByteCharacters.alphabet();
    }

    @Override
    public long[] encodeWithEnds(String text) {
        return LongStream.concat(LongStream.of(bos), LongStream.concat(Arrays.stream(encode(text)), LongStream.of(eos)))
                .toArray();
    }

    @Override
    public PaddedTokens padded(String text, int length) {
        return PaddedTokens.of(encode(text), bos, eos, pad, length);
    }

    @Override
    public String decode(long... ids) {
        StringBuilder characters = new StringBuilder();
        for (long id : ids) {
            AddedToken token = added.get((int) id);
            if (token == null) {
                characters.append(names.getOrDefault((int) id, ""));
            } else if (!token.special()) {
                characters.append(token.content());
            }
        }
        String text = new String(ByteCharacters.bytes(characters), StandardCharsets.UTF_8);
        return text.replace(BytePairEncoding.END_OF_WORD, " ").strip();
    }

    @Override
    public int id(String token) {
        @Nullable Integer id = added.id(token);
        return id != null ? id : vocabulary.getOrDefault(token, -1);
    }

    /** The id of the start token. */
    public int bos() {
        return bos;
    }

    /** The id of the end token. */
    public int eos() {
        return eos;
    }

    @Override
    public int pad() {
        return pad;
    }

    /** The longest text that its encoder was trained on, with start and end; {@link Integer#MAX_VALUE} where nothing is said. */
    public int maxLength() {
        return maxLength;
    }

    /** How many ids there are, added tokens included. */
    public int size() {
        return Math.max(vocabulary.size(), added.largestId() + 1);
    }
}
