package dev.latente.weights.pickle;

import dev.latente.tensor.DType;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import dev.latente.weights.pickle.Contents.Region;
import dev.latente.weights.pickle.Values.Dict;
import dev.latente.weights.pickle.Values.TensorRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one dict of a torch checkpoint.
 *
 * @param dict keys that lead from the top object to the dict
 * @param tensors its tensors, in its order; where it has only dicts of tensors, theirs, as {@code dict.name}
 * @param metadata text and numbers beside the tensors
 */
public record Checkpoint(List<String> dict, Map<String, Slot> tensors, Map<String, String> metadata) {
    /** Where training programs put the weights, the first that is there wins. */
    private static final List<String> NESTED =
            List.of("state_dict", "params_ema", "params", "model", "module", "string_to_param");

    private static final int MAX_NESTING = 4;
    /** A broadcast view may be larger than its storage, but nothing real is larger than its file and this. */
    private static final long MAX_BROADCAST = 16L << 20;

    /**
     * Where a tensor lies.
     *
     * @param offset of its first element in the file, in bytes
     * @param span from its first to its last element, in elements
     * @param stride in elements
     */
    public record Slot(TensorInfo info, DType dtype, long offset, long span, List<Long> stride) {
        public Slot {
            stride = List.copyOf(stride);
        }
    }

    /**
     * Reads all but the storages.
     *
     * @param path for messages
     * @param wanted keys that lead to the dict, or null to find it
     * @throws WeightsException for whatever is wrong with the file
     */
    public static Checkpoint read(Path path, FileChannel channel, long size, @Nullable List<String> wanted)
            throws IOException {
        try {
            return of(path, size, TorchFile.read(channel, size), wanted);
        } catch (Malformed e) {
            throw new WeightsException(path, null, String.valueOf(e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Checkpoint of(Path path, long size, Contents contents, @Nullable List<String> wanted) {
        if (!(contents.root() instanceof Dict dict)) {
            throw new Malformed("holds a [%s], wanted a dict of tensors".formatted(Values.kind(contents.root())));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        describe(dict, metadata);
        List<String> keys = wanted == null ? find(dict) : wanted;
        for (String key : keys) {
            if (!(dict.entries.get(key) instanceof Dict inner)) {
                throw new Malformed("has no dict at [%s]".formatted(String.join("/", keys)));
            }
            dict = inner;
            describe(dict, metadata);
        }
        Map<String, Slot> tensors = tensors(path, size, contents, dict, "");
        if (tensors.isEmpty() && wanted == null) {
            // Models side by side, such as an IP-Adapter's image_proj and ip_adapter.
            dict.entries.forEach((key, value) -> {
                if (key instanceof String name && value instanceof Dict inner) {
                    tensors.putAll(tensors(path, size, contents, inner, name + "."));
                }
            });
        }
        if (tensors.isEmpty()) {
            throw new Malformed("holds no tensors at [%s]".formatted(String.join("/", keys)));
        }
        return new Checkpoint(keys, tensors, metadata);
    }

    private static Map<String, Slot> tensors(Path path, long size, Contents contents, Dict dict, String prefix) {
        Map<String, Slot> tensors = new LinkedHashMap<>();
        dict.entries.forEach((key, value) -> {
            if (value instanceof TensorRef tensor) {
                if (!(key instanceof String name)) {
                    throw new Malformed("has a tensor under a [%s], wanted text".formatted(Values.kind(key)));
                }
                try {
                    tensors.put(prefix + name, slot(prefix + name, tensor, contents, size));
                } catch (Malformed e) {
                    throw new WeightsException(path, prefix + name, String.valueOf(e.getMessage()), e);
                }
            }
        });
        return tensors;
    }

    private static List<String> find(Dict root) {
        List<String> keys = new ArrayList<>();
        Dict dict = root;
        while (keys.size() < MAX_NESTING) {
            Map<Object, Object> entries = dict.entries;
            String next = NESTED.stream()
                    .filter(key -> entries.get(key) instanceof Dict inner && leadsToTensors(inner))
                    .findFirst()
                    .orElse(null);
            if (next == null || !(entries.get(next) instanceof Dict inner)) {
                break;
            }
            keys.add(next);
            dict = inner;
        }
        return keys;
    }

    private static boolean leadsToTensors(Dict dict) {
        return NESTED.stream().anyMatch(key -> dict.entries.get(key) instanceof Dict)
                || dict.entries.values().stream().anyMatch(TensorRef.class::isInstance);
    }

    private static void describe(Dict dict, Map<String, String> metadata) {
        dict.entries.forEach((key, value) -> {
            if (key instanceof String name
                    && (value instanceof String || value instanceof Number || value instanceof Boolean)) {
                metadata.putIfAbsent(name, value.toString());
            }
        });
    }

    private static Slot slot(String name, TensorRef tensor, Contents contents, long fileSize) {
        Region region = contents.storages().get(tensor.storage().key());
        if (region == null) {
            throw new Malformed("lies in storage [%s], which is missing"
                    .formatted(tensor.storage().key()));
        }
        if (tensor.storage().bytes() > region.bytes()) {
            throw new Malformed("lies in a storage of [%d] bytes, of which the file has [%d]"
                    .formatted(tensor.storage().bytes(), region.bytes()));
        }
        boolean negative = tensor.offset() < 0
                || tensor.size().stream().anyMatch(n -> n < 0)
                || tensor.stride().stream().anyMatch(n -> n < 0);
        if (negative || tensor.size().size() != tensor.stride().size()) {
            throw new Malformed("has offset [%d], sizes %s and strides %s"
                    .formatted(tensor.offset(), tensor.size(), tensor.stride()));
        }
        try {
            int item = tensor.dtype().bytes();
            long bytes = Math.multiplyExact(tensor.elements(), item);
            long span = tensor.span();
            long end = Math.multiplyExact(Math.addExact(tensor.offset(), span), item);
            if (end > tensor.storage().bytes() || bytes > Math.max(fileSize, MAX_BROADCAST)) {
                throw new Malformed("has offset [%d], sizes %s and strides %s in a storage of [%d] bytes"
                        .formatted(
                                tensor.offset(),
                                tensor.size(),
                                tensor.stride(),
                                tensor.storage().bytes()));
            }
            TensorInfo info = new TensorInfo(name, tensor.dtype().code(), tensor.size(), bytes);
            return new Slot(info, tensor.dtype(), region.offset() + tensor.offset() * item, span, tensor.stride());
        } catch (ArithmeticException e) {
            throw new Malformed(
                    "has sizes %s and strides %s, more than 64 bits count".formatted(tensor.size(), tensor.stride()));
        }
    }
}
