package dev.latente.weights;

import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON header of a safetensors file: {@code {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …,
 * "__metadata__": {"text": "text"}}}. The tensors fill the data without holes or overlaps. Refuses what the reference
 * library refuses, and duplicate names, which it lets pass.
 */
final class SafetensorsHeader {
    /** Sizes of the format's element types in bits, smallest type first: the order in which a writer must end. */
    static final Map<String, Integer> BITS = bits();

    /** The most dimensions that libtorch's kernels work with. */
    private static final int MAX_DIMS = 64;

    private static final StreamReadConstraints LIMITS =
            // As many levels as the reference library takes.
            StreamReadConstraints.builder().maxNestingDepth(127).build();

    /** A tensor and where it begins and ends, counted from the start of the data. */
    record Entry(TensorInfo info, long begin, long end) {}

    private final Path file;
    private final long dataBytes;
    private final long[] numbers = new long[MAX_DIMS];
    private long described;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private @Nullable String tensor;

    private SafetensorsHeader(Path file, long dataBytes) {
        this.file = file;
        this.dataBytes = dataBytes;
    }

    /**
     * Parses and checks a header.
     *
     * @param dataBytes how many bytes of data the file has
     */
    static SafetensorsHeader read(Path file, InputStream in, long dataBytes) {
        SafetensorsHeader header = new SafetensorsHeader(file, dataBytes);
        // A factory pools names: one for each file, so that no file fills the pool of another.
        JsonFactory json = JsonFactory.builder().streamReadConstraints(LIMITS).build();
        // Decoding is left to the strict decoder of the JDK; the parser's own takes overlong forms.
        try (JsonParser parser = json.createParser(
                ObjectReadContext.empty(), new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
            header.root(parser);
        } catch (JacksonException e) {
            String why = e.getCause() instanceof CharacterCodingException ? "is not UTF-8" : e.getOriginalMessage();
            throw new WeightsException(file, header.tensor, "header is not valid JSON: " + why, e);
        }
        header.checkLayout();
        return header;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** By position in the file. */
    List<Entry> entries() {
        return entries.values().stream().sorted(BY_POSITION).toList();
    }

    private void root(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw bad("header must be a JSON object, not [%s]".formatted(parser.currentToken()));
        }
        boolean noted = false;
        for (String name = name(parser); name != null; name = name(parser)) {
            if (!name.equals("__metadata__")) {
                tensor = name;
                Entry entry = entry(parser, name);
                described += entry.info.bytes();
                // At once, before a header that describes the same bytes again and again takes memory for all of them.
                if (described < 0 || described > dataBytes) {
                    throw bad("does not fit: with it the tensors need more than the %d bytes of data that the file has"
                            .formatted(dataBytes));
                }
                if (entries.put(name, entry) != null) {
                    throw bad("is described twice");
                }
                tensor = null;
            } else if (noted) {
                throw bad("header has [__metadata__] twice");
            } else {
                noted = true;
                metadata(parser);
            }
        }
        if (parser.nextToken() != null) {
            throw bad("header goes on after its JSON object");
        }
    }

    private void metadata(JsonParser parser) {
        JsonToken start = parser.nextToken();
        if (start == JsonToken.VALUE_NULL) {
            return;
        }
        if (start != JsonToken.START_OBJECT) {
            throw bad("[__metadata__] must be an object, not [%s]".formatted(start));
        }
        for (String key = name(parser); key != null; key = name(parser)) {
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw bad("metadata [%s] must be a string, not [%s]".formatted(key, parser.currentToken()));
            }
            if (metadata.put(key, wellFormed(parser.getString())) != null) {
                throw bad("metadata [%s] is there twice".formatted(key));
            }
        }
    }

    private Entry entry(JsonParser parser, String name) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw bad("is described by [%s], wanted an object".formatted(parser.currentToken()));
        }
        String dtype = null;
        List<Long> shape = null;
        long begin = -1;
        long end = -1;
        for (String field = name(parser); field != null; field = name(parser)) {
            switch (field) {
                case "dtype" -> dtype = once(field, dtype, dtype(parser));
                case "shape" -> shape = once(field, shape, shape(parser));
                case "data_offsets" -> {
                    if (numbers(parser, field, 2) != 2 || begin >= 0) {
                        throw bad("needs data_offsets once, as two numbers");
                    }
                    begin = numbers[0];
                    end = numbers[1];
                }
                default -> {
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        }
        if (dtype == null || shape == null || begin < 0) {
            throw bad("lacks [%s]".formatted(dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
        }
        long bytes = bytes(dtype, shape);
        if (end - begin != bytes) {
            throw bad("%s%s needs %d bytes, data_offsets [%d, %d] hold %d"
                    .formatted(dtype, shape, bytes, begin, end, end - begin));
        }
        return new Entry(new TensorInfo(name, dtype, shape, bytes), begin, end);
    }

    private <T> T once(String field, @Nullable T before, T value) {
        if (before != null) {
            throw bad("has [%s] twice".formatted(field));
        }
        return value;
    }

    private String dtype(JsonParser parser) {
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            throw bad("dtype must be a string, not [%s]".formatted(parser.currentToken()));
        }
        String name = parser.getString();
        for (String known : BITS.keySet()) {
            if (known.equals(name)) {
                return known;
            }
        }
        throw bad("dtype [%s] is not one of %s".formatted(name, BITS.keySet()));
    }

    private List<Long> shape(JsonParser parser) {
        Long[] shape = new Long[numbers(parser, "shape", MAX_DIMS)];
        Arrays.setAll(shape, i -> numbers[i]);
        return List.of(shape);
    }

    /** Fills {@link #numbers} and says how many there are. */
    private int numbers(JsonParser parser, String field, int limit) {
        if (parser.nextToken() != JsonToken.START_ARRAY) {
            throw bad("%s must be an array, not [%s]".formatted(field, parser.currentToken()));
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != NumberType.BIG_INTEGER
                    && parser.getStringCharacters()[parser.getStringOffset()] != '-';
            if (!whole) {
                throw bad("%s has [%s], wanted whole numbers from 0 to 2^63-1".formatted(field, parser.getString()));
            }
            if (count == limit) {
                throw bad("%s has more than %d numbers".formatted(field, limit));
            }
            numbers[count++] = parser.getLongValue();
        }
        return count;
    }

    private long bytes(String dtype, List<Long> shape) {
        try {
            long bits = BITS.getOrDefault(dtype, 0);
            // The elements first, as the reference counts them: an overflow before a zero is an overflow.
            long elements = 1;
            for (long d : shape) {
                elements = Math.multiplyExact(elements, d);
            }
            bits = Math.multiplyExact(elements, bits);
            if (bits % 8 != 0) {
                throw bad("%s%s does not end at a whole byte".formatted(dtype, shape));
            }
            return bits / 8;
        } catch (ArithmeticException e) {
            throw new WeightsException(file, tensor, "%s%s is too large to be real".formatted(dtype, shape), e);
        }
    }

    private void checkLayout() {
        long position = 0;
        for (Entry e : entries()) {
            if (e.begin != position) {
                String fault = e.begin > position ? "leaves a hole" : "overlaps the tensor before it";
                throw new WeightsException(
                        file, e.info.name(), "%s: it begins at %d, wanted %d".formatted(fault, e.begin, position));
            }
            position = e.end;
        }
        if (position != dataBytes) {
            throw bad("has %d bytes of data, its header describes %d".formatted(dataBytes, position));
        }
    }

    private @Nullable String name(JsonParser parser) {
        String name = parser.nextName();
        return name == null ? null : wellFormed(name);
    }

    /** Escapes can spell half of a surrogate pair, which is not text. */
    private String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.isBmpCodePoint(text.codePointAt(i))) {
                    throw bad("header has half a surrogate pair in a string");
                }
                i++;
            }
        }
        return text;
    }

    private WeightsException bad(String what) {
        return new WeightsException(file, tensor, what);
    }

    private static final Comparator<Entry> BY_POSITION =
            Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end);

    private static Map<String, Integer> bits() {
        Map<String, Integer> bits = new LinkedHashMap<>();
        bits.put("BOOL", 8);
        bits.put("F4", 4);
        bits.put("F6_E2M3", 6);
        bits.put("F6_E3M2", 6);
        List.of("U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ")
                .forEach(t -> bits.put(t, 8));
        List.of("I16", "U16", "F16", "BF16").forEach(t -> bits.put(t, 16));
        List.of("I32", "U32", "F32").forEach(t -> bits.put(t, 32));
        List.of("C64", "F64", "I64", "U64").forEach(t -> bits.put(t, 64));
        return bits;
    }
}
