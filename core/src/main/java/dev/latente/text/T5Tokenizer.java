package dev.latente.text;

import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * T5's unigram tokenizer (Raffel et al. 2020, section 2.3.4): SentencePiece's normalisation, words with {@code ▁} before
 * them, the most probable pieces, {@code </s>} at the end. Ids equal those of transformers 5.
 */
public final class T5Tokenizer implements Tokenizer {
    private static final char SPACE = '▁';
    private static final Map<String, String> DEFAULTS =
            Map.of("eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");

    private final PrecompiledCharsMap charsMap;
    private final Unigram unigram;
    private final AddedTokens added;
    private final int eos;
    private final int pad;

    private T5Tokenizer(UnigramModel model, TokenizerFiles files) {
        charsMap = model.charsMap();
        unigram = new Unigram(model.pieces(), model.unknown(), model.byteFallback());
        List<AddedToken> tokens = new ArrayList<>(files.added());
        tokens.addAll(model.added());
        if (tokens.stream().noneMatch(t -> t.content().contains("<extra_id_"))) {
            sentinels(files).forEach(t -> tokens.add(AddedToken.special(t)));
        }
        added = new AddedTokens(tokens, unigram.ids(), charsMap::apply);
        eos = files.id("eos_token", unigram.ids(), added);
        pad = files.id("pad_token", unigram.ids(), added);
    }

    /**
     * Reads a tokenizer folder: {@code tokenizer.json} or {@code spiece.model}, with their settings.
     *
     * @throws WeightsException if neither is there or the file is malformed
     */
    public static T5Tokenizer load(Path folder) {
        TokenizerFiles files = new TokenizerFiles(folder, DEFAULTS);
        try {
            UnigramModel model = files.has("tokenizer.json")
                    ? UnigramModel.of(files.json("tokenizer.json"))
                    : UnigramModel.of(files.bytes("spiece.model"), sentinels(files));
            return new T5Tokenizer(model, files);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(folder, null, String.valueOf(e.getMessage()), e);
        }
    }

    /** The sentinels {@code <extra_id_0>}, …; the first one has the largest id. */
    private static List<String> sentinels(TokenizerFiles files) {
        int count = files.json("tokenizer_config.json").path("extra_ids").asInt(100);
        List<String> tokens = new ArrayList<>();
        for (int i = count - 1; i >= 0; i--) {
            tokens.add("<extra_id_%d>".formatted(i));
        }
        return tokens;
    }

    @Override
    public long[] encode(String text) {
        return added.encode(text, this::encodeWords);
    }

    /** A word begins at white space, which is dropped, or at a {@link #SPACE}. */
    private void encodeWords(String text, LongStream.Builder ids) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            boolean white = Unicode.isWhiteSpace(c);
            if ((white || c == SPACE) && !word.isEmpty()) {
                unigram.encode(word.toString(), ids);
                word.setLength(0);
            }
            if (!white) {
                word.append(word.isEmpty() && c != SPACE ? "▁" : "").append(c);
            }
        }
    }

    @Override
    public long[] encodeWithEnds(String text) {
        return LongStream.concat(Arrays.stream(encode(text)), LongStream.of(eos))
                .toArray();
    }

    @Override
    public PaddedTokens padded(String text, int length) {
        return PaddedTokens.of(encode(text), -1, eos, pad, length);
    }

    @Override
    public String decode(long... ids) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (long id : ids) {
            AddedToken token = added.get((int) id);
            if (token != null && token.special()) {
                continue;
            }
            String piece = token == null ? unigram.text((int) id) : token.content();
            out.append(piece.replace(String.valueOf(SPACE), first ? "" : " "));
            first = false;
        }
        return out.toString();
    }

    @Override
    public int id(String token) {
        Integer id = added.id(token);
        return id != null ? id : unigram.ids().getOrDefault(token, -1);
    }

    @Override
    public int pad() {
        return pad;
    }

    /** The id of the end of a text. */
    int eos() {
        return eos;
    }
}
