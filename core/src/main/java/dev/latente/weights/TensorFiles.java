package dev.latente.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Opens checkpoints by what is in them; a file's name says nothing about its content. */
public final class TensorFiles {
    private static final String ACCEPTED =
            "wanted safetensors, GGUF, a torch checkpoint (.ckpt, .pt, .bin) or a *.index.json";

    private enum Kind {
        SAFETENSORS,
        GGUF,
        PICKLE,
        JSON
    }

    private TensorFiles() {}

    /**
     * Opens a checkpoint of any format.
     *
     * @throws WeightsException if the file is none, or not a sound one
     */
    public static TensorFile open(Path path) {
        return open(path, null);
    }

    /** As {@link #open(Path)}, with data that is mapped if {@code reads} is null, else read whenever somebody asks for it. */
    public static TensorFile open(Path path, @Nullable ReadAhead reads) {
        TensorFile file = kind(path) == Kind.JSON ? ShardedWeights.open(path, reads) : openData(path, reads);
        try {
            return QuantizedWeights.over(file);
        } catch (WeightsException e) {
            file.close();
            throw e;
        }
    }

    /** As {@link #open}, for a file that holds tensors itself. */
    static TensorFile openData(Path path, @Nullable ReadAhead reads) {
        return switch (kind(path)) {
            case SAFETENSORS -> Safetensors.open(path, reads);
            case GGUF -> Gguf.open(path, reads);
            case PICKLE -> new PickleFile(path, null, reads);
            case JSON -> throw new WeightsException(path, null, "is JSON, wanted a file of tensors");
        };
    }

    private static Kind kind(Path path) {
        byte[] head = head(path);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("GGUF")) {
            return Kind.GGUF;
        }
        if (text.startsWith("PK\003\004")) {
            return Kind.PICKLE;
        }
        // Before bare pickles: 80 02 may also be the length 640.
        long header = head.length < 9
                ? -1
                : ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (header >= 0 && header <= Safetensors.MAX_HEADER) {
            return Kind.SAFETENSORS;
        }
        if (head.length > 2 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5) {
            return Kind.PICKLE;
        }
        if (text.stripLeading().startsWith("{")) {
            return Kind.JSON;
        }
        throw new WeightsException(path, null, "is %s, %s".formatted(describe(head, text), ACCEPTED));
    }

    private static byte[] head(Path path) {
        MappedFile file = MappedFile.of(path);
        try (InputStream in = file.stream(0, Math.min(file.size(), 64))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }

    private static String describe(byte[] head, String text) {
        if (head.length == 0) {
            return "empty";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "a Git LFS pointer, not the file that it points to (run git lfs pull)";
        }
        if (text.stripLeading().startsWith("<")) {
            return "a web page or XML, perhaps of a failed download";
        }
        return "of no known format (it begins with %s)"
                .formatted(HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length)));
    }
}
