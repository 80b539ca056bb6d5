package dev.latente.weights;

import dev.latente.tensor.Ops;
import dev.latente.weights.pickle.Checkpoint;
import dev.latente.weights.pickle.Checkpoint.Slot;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
    private final MappedFile file;
    private final Checkpoint checkpoint;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    PickleFile(Path path, @Nullable List<String> dict, @Nullable ReadAhead reads) {
        file = MappedFile.of(path, reads);
        try (FileChannel channel = FileChannel.open(path)) {
            checkpoint = Checkpoint.read(path, channel, file.size(), dict);
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
        checkpoint.tensors().forEach((name, slot) -> tensors.put(name, slot.info()));
    }

    /**
     * Opens the weights that a program would use: the dict under {@code state_dict}, {@code params_ema}, {@code params},
     * {@code model}, {@code module} or {@code string_to_param}, else the top dict. Reads no tensor data.
     *
     * @throws WeightsException if the file is not a torch checkpoint, is damaged, or wants to run something
     */
    public static PickleFile open(Path path) {
        return new PickleFile(path, null, null);
    }

    /** As {@link #open(Path)}, with the dict at these keys, such as {@code model_ema}; no keys mean the top dict. */
    public static PickleFile open(Path path, List<String> dict) {
        return new PickleFile(path, dict, null);
    }

    @Override
    public Path path() {
        return file.path();
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
            throw new WeightsException(path(), key, "is missing");
        }
        long[] shape = slot.info().dims();
        if (slot.span() == 0) {
            return file.view(key, 0, slot.dtype(), shape);
        }
        long[] stride = slot.stride().stream().mapToLong(Long::longValue).toArray();
        Tensor part = file.view(key, slot.offset(), slot.dtype(), slot.span());
        return Ops.strided(part, shape, stride).contiguous();
    }

    @Override
    public void close() {
        file.close();
    }
}
