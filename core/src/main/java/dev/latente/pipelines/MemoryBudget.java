package dev.latente.pipelines;

import dev.latente.models.flux.FluxConfig;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.models.vae.VaeConfig;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.LinearOp;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.layout.CheckpointFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * How much memory pictures will take, told before any is drawn, in bytes. It is for pictures from text on a CPU, with the
 * networks that steer and with a refiner.
 *
 * @param loaded what the weights take: the checkpoint's, and those of each that is loaded beside it
 * @param step what a guided call of the U-Net or transformer takes beside the weights, with what steers it
 * @param decode what decoding one picture takes beside the weights
 * @param tile the same of one tile of a picture
 * @param heap of Java
 * @param libraries the JVM's own memory and the native libraries
 * @param residency which weights stay ready
 * @param tiled whether pictures larger than a tile are decoded in tiles
 */
public record MemoryBudget(
        List<Loaded> loaded,
        long step,
        long decode,
        long tile,
        long heap,
        long libraries,
        Residency residency,
        boolean tiled) {
    /** What the allocator takes for each byte of working memory: most for the many small blocks of a call of the U-Net. */
    private static final double STEP_BLOCKS = 2.2;

    /** The same for the few large blocks of a decode. */
    private static final double DECODE_BLOCKS = 1.4;

    /** Parts of a streamed file that are read before they are needed, and gaps that they leave. */
    private static final long READING = 256 << 20;

    /** The same of each further file. */
    private static final long READING_BESIDE = 96 << 20;

    /** What weights that come and go leave between those that stay, as a part of it all. */
    private static final double GAPS = 0.06;

    /** What the JVM and the libraries add to what they have when nothing was computed yet: compiled code, buffers of threads. */
    private static final long LATER = 64 << 20;

    /** Bytes beside each output of a weight of whole numbers: its scale and its zero point. */
    private static final long SCALES = 4 + 4;

    public MemoryBudget {
        loaded = List.copyOf(loaded);
    }

    /** Models that make way for each other: those of a checkpoint, or one alone. */
    public record Loaded(List<Part> parts) {
        public Loaded {
            parts = List.copyOf(parts);
        }

        long bytes() {
            return parts.stream().mapToLong(Part::bytes).sum();
        }
    }

    /**
     * The weights of a model.
     *
     * @param copied made in memory, in another dtype or layout than the file's
     * @param mapped used as the file has them
     * @param passing that lives only while the largest weight is loaded: it in the file, and in the dtype, before it is laid out
     */
    public record Part(String name, DType dtype, long copied, long mapped, long passing) {
        /** Bytes that stay. */
        public long bytes() {
            return copied + mapped;
        }

        private Part named(String other) {
            return new Part(other, dtype, copied, mapped, passing);
        }
    }

    /** The weights of all models. */
    public List<Part> parts() {
        return loaded.stream().flatMap(each -> each.parts().stream()).toList();
    }

    /**
     * Of a checkpoint that is about to be loaded.
     *
     * @param batch pictures at once
     */
    public static MemoryBudget of(CheckpointFiles files, DType dtype, Size size, int batch) {
        return of(files, List.of(), dtype, size, batch);
    }

    /** As above, with the networks that steer. */
    public static MemoryBudget of(CheckpointFiles files, List<Companion> beside, DType dtype, Size size, int batch) {
        List<Part> parts = new ArrayList<>();
        AutoencoderConfig vae = AutoencoderConfig.of(files.config("vae"));
        for (String name : new TreeSet<>(files.components())) {
            DType type = switch (name) {
                case "vae" -> vae.dtype(dtype);
                case T5Files.ENCODER -> T5Files.dtype(dtype);
                default -> dtype;
            };
            parts.add(stored(name, type, files.tensors(name)));
        }
        List<Loaded> loaded = new ArrayList<>(List.of(new Loaded(parts)));
        Map<String, Integer> numbers = new HashMap<>();
        for (Companion each : beside) {
            String name = each.part().name();
            int number = numbers.merge(name, 1, Integer::sum);
            loaded.add(new Loaded(List.of(each.part().named(number == 1 ? name : name + " " + number))));
        }
        long unet = ofStep(files.config(files.family().denoiser()), vae, size, batch);
        long most =
                Companion.most(unet, beside.stream().map(each -> each.shape().at(size, vae.factor(), 2 * batch)));
        return of(loaded, step(most, dtype), vae, dtype, size);
    }

    /**
     * The same with another checkpoint that is loaded beside this one, such as a refiner, and takes turns with it.
     *
     * @param role of the other
     */
    public MemoryBudget and(String role, MemoryBudget other) {
        List<Loaded> all = new ArrayList<>(loaded);
        for (Loaded each : other.loaded) {
            all.add(new Loaded(each.parts().stream()
                    .map(part -> part.named(role + " " + part.name()))
                    .toList()));
        }
        return new MemoryBudget(
                all,
                Math.max(step, other.step),
                Math.max(decode, other.decode),
                Math.max(tile, other.tile),
                heap,
                libraries,
                residency,
                tiled);
    }

    /** Of networks of those shapes whose weights come from no file. */
    public static MemoryBudget of(UntrainedCheckpoint shapes, DType dtype, Size size, int batch) {
        boolean prepared = prepared(dtype);
        List<Part> parts = new ArrayList<>();
        shapes.configs().forEach((name, config) -> {
            long elements = UntrainedCheckpoint.tensors(name, config, dtype).stream()
                    .mapToLong(info -> elements(info.name(), info, prepared))
                    .sum();
            parts.add(new Part(name, dtype, elements * dtype.bytes(), 0, 0));
        });
        AutoencoderConfig vae = AutoencoderConfig.of(config(shapes, "vae"));
        long values = ofStep(config(shapes, denoiser(shapes)), vae, size, batch);
        return of(List.of(new Loaded(parts)), step(values, dtype), vae, dtype, size);
    }

    private static String denoiser(UntrainedCheckpoint shapes) {
        return shapes.configs().containsKey("transformer") ? "transformer" : "unet";
    }

    private static JsonNode config(UntrainedCheckpoint shapes, String part) {
        JsonNode config = shapes.configs().get(part);
        if (config == null) {
            throw new IllegalArgumentException("memory: there is no [%s] in %s"
                    .formatted(part, shapes.configs().keySet()));
        }
        return config;
    }

    /** The size that a model was trained on. */
    public static Size usualSize(CheckpointFiles files) {
        return usualSize(files.config(files.family().denoiser()), files.config("vae"));
    }

    /** As {@link #usualSize(CheckpointFiles)}. */
    public static Size usualSize(UntrainedCheckpoint shapes) {
        return usualSize(config(shapes, denoiser(shapes)), config(shapes, "vae"));
    }

    private static Size usualSize(JsonNode denoiser, JsonNode vae) {
        long latents = UntrainedCheckpoint.isFlux(denoiser)
                ? FluxNetwork.SAMPLE_SIZE
                : isTransformer(denoiser)
                        ? MMDiTConfig.of(denoiser).sampleSize()
                        : UNetConfig.of(denoiser).sampleSize();
        int side = (int) latents * AutoencoderConfig.of(vae).factor();
        return new Size(side, side);
    }

    private static boolean isTransformer(JsonNode denoiser) {
        return denoiser.has("joint_attention_dim");
    }

    /** In values. */
    private static long ofStep(JsonNode denoiser, AutoencoderConfig vae, Size size, int batch) {
        long h = size.height() / vae.factor();
        long w = size.width() / vae.factor();
        if (UntrainedCheckpoint.isFlux(denoiser)) { // which is told the scale of guidance, or has none
            return WorkingMemory.flux(FluxConfig.of(denoiser), h, w, batch);
        }
        return isTransformer(denoiser)
                ? WorkingMemory.transformer(MMDiTConfig.of(denoiser), h, w, 2 * batch)
                : WorkingMemory.unet(UNetConfig.of(denoiser), h, w, 2 * batch);
    }

    private static long step(long values, DType dtype) {
        return Math.round(STEP_BLOCKS * dtype.bytes() * values);
    }

    private static MemoryBudget of(List<Loaded> loaded, long step, AutoencoderConfig vae, DType dtype, Size size) {
        Ops.threads(); // the libraries are loaded now, at the latest
        Runtime java = Runtime.getRuntime();
        long heap = java.totalMemory() - java.freeMemory();
        return new MemoryBudget(
                loaded,
                step,
                ofDecode(vae, vae.dtype(dtype), size),
                ofDecode(vae, vae.dtype(dtype), tile(vae, size)),
                heap,
                Math.max(0, Memory.resident() - heap) + LATER,
                Residency.ALL,
                false);
    }

    /** What of a picture is decoded at a time when it is decoded in tiles. */
    private static Size tile(AutoencoderConfig vae, Size size) {
        return vae instanceof VaeConfig whole
                ? new Size(Math.min(size.width(), whole.sampleSize()), Math.min(size.height(), whole.sampleSize()))
                : size;
    }

    /**
     * The same with no more than {@code limit} bytes in memory: all weights ready if they fit, else as many as there is room
     * for, and the others read when they are needed; decoding in tiles if there is no other way.
     *
     * @throws IllegalArgumentException if even that is more
     */
    public MemoryBudget within(long limit) {
        if (total() <= limit) {
            return this;
        }
        long fixed = heap + libraries + coming();
        for (boolean inTiles : new boolean[] {false, true}) {
            long room = Math.round((1 - GAPS) * limit) - fixed - Math.max(step, inTiles ? tile : decode);
            if (room >= 0) {
                return new MemoryBudget(
                        loaded, step, decode, tile, heap, libraries, Residency.streamed(share(room)), inTiles);
            }
        }
        throw new IllegalArgumentException(
                "memory: got a limit of [%.2f GB], wanted at least [%.2f GB]: take a smaller picture, a smaller batch or fewer bits"
                        .formatted(limit / 1e9, (fixed + Math.max(step, tile)) / (1 - GAPS) / 1e9));
    }

    /** How much each may keep, so that all together keep so much: what one does not need is for the others. */
    private long share(long room) {
        long[] sizes = loaded.stream().mapToLong(Loaded::bytes).sorted().toArray();
        long left = room;
        for (int i = 0; i < sizes.length; i++) {
            long each = left / (sizes.length - i);
            if (sizes[i] > each) {
                return each;
            }
            left -= sizes[i];
        }
        return room;
    }

    /** These options, with which it comes true. */
    public LoadOptions apply(LoadOptions options) {
        return options.withResidency(residency).withTiling(tiled);
    }

    /** The weights of a model that files have. */
    static Part stored(String name, DType dtype, Map<String, TensorInfo> tensors) {
        boolean prepared = prepared(dtype);
        boolean int8 = prepared && LinearOp.runsInt8();
        long copied = 0;
        long mapped = 0;
        long passing = 0;
        for (Map.Entry<String, TensorInfo> each : tensors.entrySet()) {
            TensorInfo info = each.getValue();
            boolean numbers = int8 && info.dtype().startsWith("INT");
            long bytes = numbers
                    ? elements(each.getKey(), info, true)
                            + SCALES * info.shape().get(0)
                    : elements(each.getKey(), info, prepared) * dtype.bytes();
            boolean same = info.dtype().equals(dtype.code());
            if (same && !laidOutAnew(each.getKey(), info, prepared)) {
                mapped += info.bytes();
            } else {
                copied += bytes;
                passing = Math.max(passing, info.bytes() + (same || numbers ? 0 : info.elements() * dtype.bytes()));
            }
        }
        return new Part(name, dtype, copied, mapped, passing);
    }

    /** Whether networks lay out weights of that dtype for the kernels of this processor. */
    private static boolean prepared(DType dtype) {
        return Scopes.within(() -> WeightLayout.PREPARED.prepares(Ops.zeros(dtype, Device.CPU, 1)));
    }

    private static boolean laidOutAnew(String name, TensorInfo info, boolean prepared) {
        int dims = info.shape().size();
        boolean square = dims == 4 && info.shape().get(3) > 1; // channels last
        return square || (prepared && dims > 1 && !name.contains("embedding.weight"));
    }

    /** Values that are kept of a weight; an enlarging convolution of 3x3 is kept as four of 2x2. */
    private static long elements(String name, TensorInfo info, boolean prepared) {
        boolean enlarges = prepared && name.contains("upsamplers.") && name.endsWith("conv.weight");
        return enlarges ? info.elements() * 16 / 9 : info.elements();
    }

    /** What a call of a U-Net takes for so many latents at once of height h and width w, beside its weights. */
    public static long ofStep(UNetConfig unet, DType dtype, long h, long w, int batch) {
        return step(WorkingMemory.unet(unet, h, w, batch), dtype);
    }

    /** The same of a transformer, with prompts of the usual length. */
    public static long ofStep(MMDiTConfig transformer, DType dtype, long h, long w, int batch) {
        return step(WorkingMemory.transformer(transformer, h, w, batch), dtype);
    }

    /** What decoding one picture of that size takes, beside the weights. */
    public static long ofDecode(AutoencoderConfig vae, DType dtype, Size size) {
        long values = WorkingMemory.decode(vae, size.height() / vae.factor(), size.width() / vae.factor());
        return Math.round(DECODE_BLOCKS * dtype.bytes() * values);
    }

    /** What is resident while the checkpoint is loaded, at the most: one weight after the other passes from its file. */
    public long loading() {
        return residency.isAll() ? base() + passing() : heap + libraries;
    }

    /** What is resident while pictures are drawn, at the most. */
    public long drawing() {
        long most = base() + Math.max(step, tiled ? tile : decode);
        return residency.isAll() ? most : Math.round((most + coming()) / (1 - GAPS));
    }

    /** The most that will be resident. */
    public long total() {
        return Math.max(loading(), drawing());
    }

    private long passing() {
        return parts().stream().mapToLong(Part::passing).max().orElse(0);
    }

    /** What takes memory while a weight comes that does not stay: it in the file, in the dtype, its channels last, and laid out. */
    private long coming() {
        return READING + (loaded.size() - 1) * READING_BESIDE + 2 * passing();
    }

    private long base() {
        return ready() + heap + libraries;
    }

    /** What weights are ready at a time, at the most. */
    public long ready() {
        return loaded.stream()
                .mapToLong(each -> Math.min(each.bytes(), residency.kept()))
                .sum();
    }
}
