package dev.latente.text;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * What the files of a unigram tokenizer hold.
 *
 * @param added control and user-defined pieces, which are cut out of the raw text
 * @param unknown the id of what no piece covers
 * @param byteFallback whether unknown text is spelt in pieces such as {@code <0x0A>}
 */
record UnigramModel(
        List<Unigram.Piece> pieces,
        List<AddedToken> added,
        PrecompiledCharsMap charsMap,
        int unknown,
        boolean byteFallback) {

    /** From {@code tokenizer.json}, whose added tokens are read elsewhere. */
    static UnigramModel of(JsonNode json) {
        JsonNode model = json.path("model");
        List<Unigram.Piece> pieces = new ArrayList<>();
        for (JsonNode piece : model.path("vocab")) {
            pieces.add(new Unigram.Piece(piece.path(0).asString(), piece.path(1).asDouble()));
        }
        JsonNode normalizer = json.path("normalizer");
        byte[] charsMap = Stream.concat(
                        Stream.of(normalizer),
                        StreamSupport.stream(normalizer.path("normalizers").spliterator(), false))
                .map(step -> step.path("precompiled_charsmap"))
                .filter(JsonNode::isString)
                .findFirst()
                .map(map -> Base64.getDecoder().decode(map.asString()))
                .orElse(new byte[0]);
        return new UnigramModel(
                wanted(pieces),
                List.of(),
                new PrecompiledCharsMap(charsMap),
                model.path("unk_id").asInt(0),
                model.path("byte_fallback").asBoolean(false));
    }

    /**
     * From {@code spiece.model}, the ModelProto of sentencepiece_model.proto: pieces (1) of text (1), score (2) and type
     * (3); trainer_spec (2) with byte_fallback (35); normalizer_spec (3) with precompiled_charsmap (2).
     *
     * @param sentinels tokens that follow the pieces
     */
    static UnigramModel of(byte[] proto, List<String> sentinels) {
        List<Unigram.Piece> pieces = new ArrayList<>();
        List<AddedToken> added = new ArrayList<>();
        byte[] charsMap = {};
        int unknown = 0;
        boolean byteFallback = false;
        for (Protobuf field : Protobuf.fields(ByteBuffer.wrap(proto))) {
            if (field.number() == 1) {
                List<Protobuf> piece = Protobuf.fields(field.content());
                String text = Protobuf.last(piece, 1).map(Protobuf::string).orElse("");
                float score = Float.intBitsToFloat(
                        Protobuf.last(piece, 2).map(Protobuf::intValue).orElse(0));
                switch (Protobuf.last(piece, 3).map(Protobuf::intValue).orElse(1)) {
                    case 2 -> unknown = pieces.size();
                    case 3 -> added.add(AddedToken.special(text));
                    case 4 -> added.add(AddedToken.userDefined(text));
                    default -> {} // normal, unused and byte pieces are found by the model alone
                }
                pieces.add(new Unigram.Piece(text, score));
            } else if (field.number() == 2) {
                byteFallback = Protobuf.last(Protobuf.fields(field.content()), 35)
                        .map(f -> f.value() != 0)
                        .orElse(false);
            } else if (field.number() == 3) {
                charsMap = Protobuf.last(Protobuf.fields(field.content()), 2)
                        .map(Protobuf::toBytes)
                        .orElse(charsMap);
            }
        }
        wanted(pieces);
        sentinels.forEach(token -> pieces.add(new Unigram.Piece(token, 0)));
        return new UnigramModel(pieces, added, new PrecompiledCharsMap(charsMap), unknown, byteFallback);
    }

    private static List<Unigram.Piece> wanted(List<Unigram.Piece> pieces) {
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("the tokenizer has no pieces, wanted a unigram model");
        }
        return pieces;
    }
}
