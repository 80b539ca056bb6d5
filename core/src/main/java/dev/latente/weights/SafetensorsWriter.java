package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors files, tensor by tensor, from native memory. A file gets its name only when all of it is on the disk;
 * a write that fails leaves what was there before. Immutable; the {@code with} methods return a changed copy.
 */
public final class SafetensorsWriter {
    private static final long SLICE = 64 << 20;

    private final List<TensorInfo> tensors;
    private final Function<String, Tensor> values;
    private final Map<String, String> metadata;
    private final LongConsumer progress;

    private SafetensorsWriter(
            List<TensorInfo> tensors,
            Function<String, Tensor> values,
            Map<String, String> metadata,
            LongConsumer progress) {
        this.tensors = tensors;
        this.values = values;
        this.metadata = metadata;
        this.progress = progress;
    }

    public static SafetensorsWriter of(Map<String, Tensor> tensors) {
        return of(
                tensors.entrySet().stream()
                        .map(e -> describe(e.getKey(), e.getValue()))
                        .toList(),
                tensors::get);
    }

    /**
     * For tensors that are made one at a time, such as converted ones.
     *
     * @param tensors what there will be; the element types are safetensors codes
     * @param values makes the tensor of a name; called once for each, and the tensor is freed when it is written
     */
    public static SafetensorsWriter of(Collection<TensorInfo> tensors, Function<String, Tensor> values) {
        return new SafetensorsWriter(List.copyOf(tensors), values, Map.of(), bytes -> {});
    }

    /** Text to store beside the tensors. */
    public SafetensorsWriter withMetadata(Map<String, String> text) {
        return new SafetensorsWriter(tensors, values, new TreeMap<>(text), progress);
    }

    /** Told how many more bytes of tensor data were written, at least every 64 MiB. */
    public SafetensorsWriter withProgress(LongConsumer listener) {
        return new SafetensorsWriter(tensors, values, metadata, listener);
    }

    /** Bytes of one file of such tensors without metadata, header and all. */
    public static long bytes(Collection<TensorInfo> tensors) {
        long data = tensors.stream().mapToLong(TensorInfo::bytes).sum();
        List<TensorInfo> sorted = tensors.stream().sorted(ORDER).toList();
        return 8 + header(Path.of(""), Map.of(), sorted).length + data;
    }

    /**
     * Writes one file.
     *
     * @throws WeightsException if it cannot be written, or a tensor is not what was announced
     */
    public void write(Path file) {
        try (StagedFile staged = new StagedFile(file)) {
            write(staged, tensors);
            staged.publish();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /**
     * Writes {@code model-00001-of-00003.safetensors}, … and {@code model.safetensors.index.json} for
     * {@code model.safetensors}, or that file alone if it is small enough. No shard gets its name before all are written,
     * and the index comes last.
     *
     * @param most bytes of tensor data in a shard; a larger tensor has a shard of its own
     * @return what was written: the index or the one file
     */
    public Path writeShards(Path file, long most) {
        List<List<TensorInfo>> shards = split(most);
        if (shards.size() < 2) {
            write(file);
            return file;
        }
        String name = file.getFileName().toString().replaceFirst("\\.safetensors$", "");
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.putObject("metadata")
                .put("total_size", tensors.stream().mapToLong(TensorInfo::bytes).sum());
        ObjectNode map = index.putObject("weight_map");
        Path path = file.resolveSibling(name + ".safetensors.index.json");
        List<StagedFile> staged = new ArrayList<>();
        try {
            for (int i = 0; i < shards.size(); i++) {
                String shard = "%s-%05d-of-%05d.safetensors".formatted(name, i + 1, shards.size());
                StagedFile next = new StagedFile(file.resolveSibling(shard));
                staged.add(next);
                write(next, shards.get(i));
                shards.get(i).forEach(t -> map.put(t.name(), shard));
            }
            StagedFile last = new StagedFile(path);
            staged.add(last);
            writeFully(last.channel(), ByteBuffer.wrap(index.toPrettyString().getBytes(StandardCharsets.UTF_8)));
            last.finish();
            for (StagedFile s : staged) {
                s.publish();
            }
            return path;
        } catch (IOException e) {
            throw unwritable(path, e);
        } finally {
            staged.forEach(SafetensorsWriter::discard);
        }
    }

    private List<List<TensorInfo>> split(long most) {
        List<List<TensorInfo>> shards = new ArrayList<>();
        long size = Long.MAX_VALUE;
        for (TensorInfo t : tensors) {
            if (shards.isEmpty() || t.bytes() > most - size) {
                shards.add(new ArrayList<>());
                size = 0;
            }
            shards.get(shards.size() - 1).add(t);
            size += t.bytes();
        }
        return shards;
    }

    private void write(StagedFile staged, List<TensorInfo> part) throws IOException {
        List<TensorInfo> sorted = part.stream().sorted(ORDER).toList();
        byte[] header = header(staged.target(), metadata, sorted);
        ByteBuffer length =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
        writeFully(staged.channel(), length);
        writeFully(staged.channel(), ByteBuffer.wrap(header));
        try {
            sorted.forEach(t -> Scopes.run(() -> write(staged, t)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        staged.finish();
    }

    private void write(StagedFile staged, TensorInfo info) {
        Tensor x = values.apply(info.name());
        TensorInfo got = describe(info.name(), x);
        if (!got.equals(info)) {
            throw new WeightsException(
                    staged.target(),
                    info.name(),
                    "is %s%s, announced as %s%s".formatted(got.dtype(), got.shape(), info.dtype(), info.shape()));
        }
        if (info.bytes() == 0) {
            return;
        }
        Tensor bytes = Ops.to(x, Device.CPU).contiguous().view(-1).view(DType.U8.scalarType());
        try {
            for (long from = 0; from < info.bytes(); from += SLICE) {
                ByteBuffer slice = Ops.buffer(Ops.slice(bytes, 0, from, from + SLICE));
                int count = slice.remaining();
                writeFully(staged.channel(), slice);
                progress.accept(count);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] header(Path file, Map<String, String> metadata, List<TensorInfo> sorted) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            ObjectNode text = json.putObject("__metadata__");
            metadata.forEach(text::put);
        }
        long position = 0;
        for (TensorInfo t : sorted) {
            if (json.has(t.name()) || t.name().equals("__metadata__")) {
                throw new WeightsException(file, t.name(), "the name is taken");
            }
            ObjectNode tensor = json.putObject(t.name()).put("dtype", t.dtype());
            t.shape().forEach(tensor.withArray("shape")::add);
            if (t.shape().isEmpty()) {
                tensor.putArray("shape");
            }
            tensor.putArray("data_offsets").add(position).add(position + t.bytes());
            position += t.bytes();
        }
        byte[] bytes = Json.text(json).getBytes(StandardCharsets.UTF_8);
        // Spaces up to a multiple of 8 keep the data aligned.
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        if (padded.length > Safetensors.MAX_HEADER) {
            throw new WeightsException(
                    file, null, "header of %d bytes, the most is %d".formatted(padded.length, Safetensors.MAX_HEADER));
        }
        return padded;
    }

    private static TensorInfo describe(String name, Tensor x) {
        DType dtype = Ops.dtype(x);
        List<Long> shape = Arrays.stream(Ops.shape(x)).boxed().toList();
        return new TensorInfo(name, dtype.code(), shape, x.numel() * dtype.bytes());
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static void discard(StagedFile file) {
        try {
            file.close();
        } catch (IOException e) {
            throw unwritable(file.target(), e);
        }
    }

    private static WeightsException unwritable(Path file, IOException e) {
        return new WeightsException(file, null, "cannot be written: " + e, e);
    }

    /** The reference library's order: the widest element type first, so that all are aligned; then by name. */
    private static final Comparator<TensorInfo> ORDER = Comparator.comparingInt((TensorInfo t) ->
                    -List.copyOf(SafetensorsHeader.BITS.keySet()).indexOf(t.dtype()))
            .thenComparing(t -> t.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
}
