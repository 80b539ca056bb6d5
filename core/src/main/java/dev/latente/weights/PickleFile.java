package dev.latente.weights;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.weights.pickle.Checkpoint;
import dev.latente.weights.pickle.Checkpoint.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A memory-mapped torch checkpoint ({@code .ckpt}, {@code .pt}, {@code .bin}) of either layout of {@code torch.save}. The
 * pickle in it is read by a closed table of names: nothing in it is ever imported or called. Thread-safe.
 */
public final class PickleFile implements TensorFile {
    private final Path path;
    private final Checkpoint checkpoint;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Arena arena = new Arena();
    private @Nullable Tensor mapped;

    private PickleFile(Path path, Checkpoint checkpoint) {
        this.path = path;
        this.checkpoint = checkpoint;
        checkpoint.tensors().forEach((name, slot) -> tensors.put(name, slot.info()));
    }

    /**
     * Opens the weights that a program would use: the dict under {@code state_dict}, {@code params_ema}, {@code params},
     * {@code model}, {@code module} or {@code string_to_param}, else the top dict. Reads no tensor data.
     *
     * @throws WeightsException if the file is not a torch checkpoint, is damaged, or wants to run something
     */
    public static PickleFile open(Path path) {
        return new PickleFile(path, Checkpoint.read(path, null));
    }

    /** As {@link #open(Path)}, with the dict at these keys, such as {@code model_ema}; no keys mean the top dict. */
    public static PickleFile open(Path path, List<String> dict) {
        return new PickleFile(path, Checkpoint.read(path, dict));
    }

    @Override
    public Path path() {
        return path;
    }

    /** The keys that lead from the file's top object to the dict whose tensors these are. */
    public List<String> dict() {
        return checkpoint.dict();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Text, numbers and truth values beside the tensors and around their dict, such as {@code global_step}. */
    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(checkpoint.metadata());
    }

    /** A view of the file; a copy where the stored tensor is not contiguous or not aligned. */
    @Override
    public Tensor tensor(String key) {
        Slot slot = checkpoint.tensors().get(key);
        if (slot == null) {
            throw new WeightsException(path, key, "is missing");
        }
        long[] shape = slot.info().dims();
        if (slot.span() == 0) {
            return Ops.view(bytes(), 0, slot.dtype(), shape);
        }
        long[] stride = slot.stride().stream().mapToLong(Long::longValue).toArray();
        Tensor part = Ops.view(bytes(), slot.offset(), slot.dtype(), slot.span());
        return Ops.strided(part, shape, stride).contiguous();
    }

    private synchronized Tensor bytes() {
        if (mapped == null) {
            try {
                if (Files.size(path) != checkpoint.bytes()) {
                    throw new WeightsException(path, null, "has changed since it was opened");
                }
            } catch (IOException e) {
                throw new WeightsException(path, null, "cannot be read: " + e.getMessage(), e);
            }
            mapped = arena.own(() -> Ops.map(path.toString(), checkpoint.bytes()));
        }
        return mapped;
    }

    @Override
    public void close() {
        arena.close();
    }
}
