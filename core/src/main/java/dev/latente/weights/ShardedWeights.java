package dev.latente.weights;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A checkpoint in several files with an index, {@code *.index.json}: {@code {"metadata": {"total_size": bytes},
 * "weight_map": {"tensor": "file"}}}. The files lie beside the index or below it; index and files must agree exactly.
 */
public final class ShardedWeights implements TensorFile {
    private final Path path;
    private final Map<String, TensorFile> shards = new LinkedHashMap<>();
    private final Map<String, TensorFile> owners = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private final @Nullable ReadAhead reads;

    private ShardedWeights(Path path, @Nullable ReadAhead reads) {
        this.path = path;
        this.reads = reads;
    }

    /**
     * Opens the index and every file that it names.
     *
     * @throws WeightsException if one of them is missing, unsound or outside of the index's folder, or if they disagree
     */
    public static ShardedWeights open(Path index) {
        return open(index, null);
    }

    static ShardedWeights open(Path index, @Nullable ReadAhead reads) {
        ShardedWeights weights = new ShardedWeights(index, reads);
        try {
            weights.read(Json.read(index));
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void read(JsonNode index) {
        JsonNode map = index.path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw bad(null, "is not an index of weights: it lacks [weight_map]");
        }
        for (Map.Entry<String, JsonNode> e : map.properties()) {
            String name = e.getKey();
            if (!e.getValue().isString()) {
                throw bad(name, "its file must be a string, not [%s]".formatted(e.getValue()));
            }
            TensorFile shard = shard(name, e.getValue().asString());
            TensorInfo info = shard.tensors().get(name);
            if (info == null) {
                throw bad(
                        name,
                        "is not in the file [%s] that the index names"
                                .formatted(e.getValue().asString()));
            }
            owners.put(name, shard);
            tensors.put(name, info);
        }
        shards.values().forEach(this::checkOwner);
        JsonNode notes = index.path("metadata");
        notes.properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asString()));
        checkTotal(notes.path("total_size"));
    }

    private TensorFile shard(String tensor, String name) {
        TensorFile known = shards.get(name);
        if (known != null) {
            return known;
        }
        TensorFile shard = TensorFiles.openData(resolve(tensor, name), reads);
        shards.put(name, shard);
        return shard;
    }

    private Path resolve(String tensor, String name) {
        try {
            Path relative = Path.of(name);
            Path folder = path.toAbsolutePath().resolveSibling("");
            // Backslashes separate folders on other systems: what is safe must be safe everywhere.
            boolean inside = !relative.isAbsolute()
                    && !name.isEmpty()
                    && name.indexOf('\\') < 0
                    && name.indexOf(':') < 0
                    && relative.equals(relative.normalize())
                    && !relative.startsWith("..");
            if (!inside) {
                throw bad(tensor, "its file [%s] is not a plain path below the index".formatted(name));
            }
            Path real = folder.resolve(relative).toRealPath();
            // In a hub cache both the index and its files are links into one folder of blobs.
            if (!real.startsWith(folder.toRealPath())
                    && !real.startsWith(path.toRealPath().resolveSibling(""))) {
                throw bad(
                        tensor, "its file [%s] is a link to [%s], outside of the index's folder".formatted(name, real));
            }
            return path.resolveSibling(relative);
        } catch (InvalidPathException e) {
            throw new WeightsException(path, tensor, "its file [%s] is not a path".formatted(name), e);
        } catch (IOException e) {
            throw new WeightsException(path, tensor, "its file [%s] is missing or unreadable".formatted(name), e);
        }
    }

    private void checkOwner(TensorFile shard) {
        for (String name : shard.keys()) {
            TensorFile owner = owners.get(name);
            if (owner == null) {
                throw bad(
                        name,
                        "is in [%s] but not in the index".formatted(shard.path().getFileName()));
            }
            if (owner != shard) {
                throw bad(
                        name,
                        "is in [%s] and in [%s]"
                                .formatted(
                                        owner.path().getFileName(), shard.path().getFileName()));
            }
        }
    }

    /** Pickled files may share storage between tensors, and the total counts that once: it says nothing about them. */
    private void checkTotal(JsonNode total) {
        if (total.isMissingNode() || !shards.values().stream().allMatch(Safetensors.class::isInstance)) {
            return;
        }
        long bytes = tensors.values().stream().mapToLong(TensorInfo::bytes).sum();
        if (!total.isNumber() || total.asDouble() != bytes) {
            throw bad(null, "has total_size [%s], the tensors have %d bytes".formatted(total, bytes));
        }
    }

    private WeightsException bad(@Nullable String tensor, String what) {
        return new WeightsException(path, tensor, what);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    @Override
    public Tensor tensor(String key) {
        TensorFile owner = owners.get(key);
        if (owner == null) {
            throw new WeightsException(path, key, "is missing");
        }
        return owner.tensor(key);
    }

    @Override
    public void close() {
        shards.values().forEach(TensorFile::close);
    }
}
