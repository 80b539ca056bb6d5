package dev.latente.pipelines;

import dev.latente.models.adapters.IpAdapterConfig;
import dev.latente.models.adapters.T2IAdapterConfig;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.flux.FluxConfig;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.models.vae.VaeConfig;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The most values that a network holds at once beside its weights, counted from its configuration as the layers are
 * written: what a layer makes lives until the layer is done, what it gives until the whole call is.
 */
final class WorkingMemory {
    /** In a transformer: its input normalised and projected, what both attentions gave, the input itself. */
    private static final long TRANSFORMER = 5;

    /** On top of it in a perceptron: the normalised input, value, gate, GELU and product of 4 times its size, output and sum. */
    private static final long PERCEPTRON = 1 + 4 * 4 + 2;

    /** Values, and rows, of a band, of which the larger counts. */
    private static final long BAND = 8 << 20;

    private static final long BAND_ROWS = 128;

    /** In a joint block: both inputs normalised, what attended, queries, keys and values of both, and these laid together. */
    private static final long JOINT = 3 + 3 + 3;

    /** In its perceptron: the normalised input, and 4 times its size before and after the GELU. */
    private static final long JOINT_PERCEPTRON = 1 + 2 * 4;

    /**
     * In a block of Flux.1 with one stream: the input normalised, queries, keys and values, both turned by their positions, what
     * attended, the perceptron's 4 times its size before and after the GELU, both side by side, and the sum.
     */
    private static final long SINGLE = 3 + 5 + 12 + 2 + 2 * 4 + 5 + 3;

    /** Tokens of T5 for Flux.1, at the most. */
    private static final long FLUX_TEXT = 512;

    /** Tokens of a prompt of the usual length: CLIP's and T5's. */
    private static final long TEXT = 77 + 256;

    /** Of a layer of CLIP's vision encoder: normalised, queries, keys, values, attended and mapped, both sums, normalised again. */
    private static final long CLIP_LAYER = 10;

    /** Of an IP-Adapter: its keys, its values before and after their scale, and both for each picture of the batch. */
    private static final long ANSWERS = 5;

    private long kept;
    private long most;

    private WorkingMemory() {}

    /** Latents of height h and width w, so many at once. */
    static long unet(UNetConfig c, long h, long w, int batch) {
        return batch * new WorkingMemory().walk(c, h, w);
    }

    /** The same of a transformer. */
    static long transformer(MMDiTConfig c, long h, long w, int batch) {
        long patches = (h / c.patchSize()) * (w / c.patchSize());
        // The streams before and after a block, beside what is made in it.
        return batch * c.size() * (patches + TEXT) * (2 + Math.max(JOINT, JOINT_PERCEPTRON));
    }

    /** The same of Flux.1. */
    static long flux(FluxConfig c, long h, long w, int batch) {
        return batch * c.size() * (h / 2 * (w / 2) + FLUX_TEXT) * (2 + SINGLE);
    }

    /**
     * A ControlNet's, for the same latents.
     *
     * @param batch of its calls, as of the U-Net's
     */
    static Companion.Work controlNet(ControlNetConfig c, long h, long w, int batch) {
        WorkingMemory memory = new WorkingMemory();
        memory.down(c.unet(), h, w);
        long features = memory.kept;
        // Its own, what the convolutions between make of them, and these scaled.
        long call = Math.max(memory.most, 3 * features);
        // What it gives, and the sum of this and the U-Net's own, or another net's.
        return new Companion.Work(
                hint(c, h * w), c.unet().down().get(0).channels() * h * w, batch * call, 2L * batch * features);
    }

    /** What the picture passes on its way to the latents' size. */
    private static long hint(ControlNetConfig c, long latents) {
        long pixels = latents * c.factor() * c.factor();
        long values =
                pixels * (2 * c.conditioningChannels() + c.embeddingChannels().get(0));
        for (int i = 1; i < c.embeddingChannels().size(); i++) {
            values += pixels * c.embeddingChannels().get(i - 1);
            pixels /= 4;
            values += pixels * c.embeddingChannels().get(i);
        }
        return values + pixels * c.unet().down().get(0).channels();
    }

    /** A T2I-Adapter's, for a picture of that size. */
    static Companion.Work t2iAdapter(T2IAdapterConfig c, Size size, int batch) {
        long h = size.height() / c.factor();
        long w = size.width() / c.factor();
        WorkingMemory memory = new WorkingMemory();
        long features = 0;
        memory.keep(2 * h * w * c.inChannels() * c.factor() * c.factor());
        for (T2IAdapterConfig.Block block : c.blocks()) {
            h = block.halves() ? (h + 1) / 2 : h;
            w = block.halves() ? (w + 1) / 2 : w;
            // Its input, and of each residual block both convolutions, what is between, and the sum.
            memory.use(h * w * (2 * block.in() + 4L * c.resBlocks() * block.out()));
            memory.keep(h * w * block.out());
            features += h * w * block.out();
        }
        // They stay before and after their scale; the U-Net adds them to its own.
        return new Companion.Work(memory.most, 2 * features, 0, batch * features);
    }

    /** An IP-Adapter's, that is shown so many tokens. */
    static Companion.Work ipAdapter(IpAdapterConfig c, long tokens, int batch) {
        long sizes = c.sizes().stream().mapToLong(Long::longValue).sum();
        return new Companion.Work(0, ANSWERS * batch * tokens * sizes, 0, 0);
    }

    /** That of CLIP's vision encoder for so many pictures, which it sees before the first call of the U-Net. */
    static Companion.Work imageEncoder(ClipVisionConfig c, int pictures) {
        long layer = CLIP_LAYER * c.size() + 2 * c.inner();
        return new Companion.Work(pictures * c.positions() * (layer + (c.layers() + 1) * c.size()), 0, 0, 0);
    }

    /** Latents of height h and width w, one at a time. */
    static long decode(AutoencoderConfig c, long h, long w) {
        WorkingMemory memory = new WorkingMemory();
        return c instanceof AutoencoderTinyConfig tiny ? memory.walk(tiny, h * w) : memory.walk((VaeConfig) c, h * w);
    }

    /** Channels, height and width of each skip, the coarsest first. */
    private Deque<long[]> down(UNetConfig c, long h, long w) {
        Deque<long[]> skips = new ArrayDeque<>();
        long channels = c.down().get(0).channels();
        long height = h;
        long width = w;
        keep(channels * h * w);
        skips.push(new long[] {channels, h, w});
        for (int i = 0; i < c.down().size(); i++) {
            UNetConfig.Stage stage = c.down().get(i);
            for (int layer = 0; layer < stage.depths().size(); layer++) {
                layer(stage, channels, 0, height * width);
                channels = stage.channels();
                skips.push(new long[] {channels, height, width});
            }
            if (i < c.down().size() - 1) {
                height = (height + 1) / 2;
                width = (width + 1) / 2;
                keep(channels * height * width);
                skips.push(new long[] {channels, height, width});
            }
        }
        layer(c.down().get(c.down().size() - 1), channels, 0, height * width);
        return skips;
    }

    private long walk(UNetConfig c, long h, long w) {
        Deque<long[]> skips = down(c, h, w);
        long[] coarsest = skips.getFirst();
        long channels = coarsest[0];
        long height = coarsest[1];
        long width = coarsest[2];
        for (UNetConfig.Stage stage : c.up()) {
            for (int layer = 0; layer < stage.depths().size(); layer++) {
                long in = channels + skips.pop()[0];
                layer(stage, in, in, height * width); // laid side by side first
                channels = stage.channels();
            }
            long[] next = skips.peek();
            if (next != null) {
                height = next[1];
                width = next[2];
                keep(2 * channels * height * width); // enlarged, then convolved
            }
        }
        return most;
    }

    /** A residual block and a transformer, with {@code beside} channels that stay until both are done. */
    private void layer(UNetConfig.Stage stage, long in, long beside, long positions) {
        long out = stage.channels();
        use(positions * (beside + in + 4 * out)); // both normalised inputs, both convolved, the shortcut
        if (stage.attention()) {
            use(positions * (beside + out * (TRANSFORMER + PERCEPTRON)));
        }
        keep(positions * out);
    }

    private long walk(VaeConfig c, long latents) {
        int last = c.channels().size() - 1;
        long positions = latents;
        long in = c.channels().get(last);
        use(positions * in * 9); // attention: input, normalised, queries, keys, values, scaled, attended, mapped, sum
        for (int i = 0; i <= last; i++) {
            long out = c.channels().get(last - i);
            long whole = positions * (2 * in + 4 * out); // the first block; the others have fewer channels
            use(Math.min(whole, positions * (in + out) + banded(positions, in)));
            if (i < last) {
                use(Math.min(positions * out * (1 + 4 + 4), positions * out * (1 + 4) + banded(positions, out)));
                positions *= 4;
            }
            in = out;
        }
        return most;
    }

    /** What is made of one band of a large picture. */
    private static long banded(long positions, long channels) {
        return Math.max(BAND, BAND_ROWS * Math.round(Math.sqrt((double) positions)) * channels) * 5;
    }

    private long walk(AutoencoderTinyConfig c, long latents) {
        long finest = latents * c.factor() * c.factor();
        // Before the last levels' convolution what was enlarged, and its result; in a block its input and three
        // convolved.
        use(finest * c.channels() * 4);
        return most;
    }

    /** Values that a layer makes for itself. */
    private void use(long values) {
        most = Math.max(most, kept + values);
    }

    /** Values that stay to the end of the call. */
    private void keep(long values) {
        kept += values;
        use(0);
    }
}
