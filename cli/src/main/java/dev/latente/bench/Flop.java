package dev.latente.bench;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.VaeConfig;
import dev.latente.profile.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Floating point operations, by the kind of what does them: convolutions, linear maps and the two products of an attention,
 * two operations for each multiplication, counted from the configuration. Everything else is a hundredth of them.
 */
record Flop(long convolution, long linear, long selfAttention, long crossAttention) {
    static final Flop NONE = new Flop(0, 0, 0, 0);

    /** A linear map of that many vectors. */
    static Flop linear(long in, long out, long rows) {
        return new Flop(0, 2 * in * out * rows, 0, 0);
    }

    /** Of a size and an output of that many positions. */
    static Flop conv(long in, long out, int kernel, long positions) {
        return new Flop(2 * in * kernel * kernel * out * positions, 0, 0, 0);
    }

    /** n positions, all heads together {@code size} wide. */
    static Flop selfAttention(long n, long size) {
        return new Flop(0, 0, 4 * n * n * size, 0);
    }

    /** n queries, m keys of another sequence, all heads together {@code size} wide. */
    static Flop crossAttention(long n, long m, long size) {
        return new Flop(0, 0, 0, 4 * n * m * size);
    }

    Flop plus(Flop... others) {
        Flop sum = this;
        for (Flop each : others) {
            sum = new Flop(
                    sum.convolution + each.convolution,
                    sum.linear + each.linear,
                    sum.selfAttention + each.selfAttention,
                    sum.crossAttention + each.crossAttention);
        }
        return sum;
    }

    Flop times(long factor) {
        return new Flop(factor * convolution, factor * linear, factor * selfAttention, factor * crossAttention);
    }

    /** Of that kind; 0 for what only moves memory. */
    long of(Kind kind) {
        return switch (kind) {
            case CONVOLUTION -> convolution;
            case LINEAR -> linear;
            case SELF_ATTENTION -> selfAttention;
            case CROSS_ATTENTION -> crossAttention;
            case NORM_ACTIVATION, REST, JVM -> 0;
        };
    }

    long total() {
        return convolution + linear + selfAttention + crossAttention;
    }

    /** A prompt of n tokens. */
    static Flop text(ClipTextConfig c, long n) {
        Flop layer = attentionLayer(c.size(), n).plus(linear(c.size(), c.inner(), n), linear(c.inner(), c.size(), n));
        return layer.times(c.layers()).plus(linear(c.size(), c.projection(), 1));
    }

    /** A prompt of n tokens. */
    static Flop text(T5Config c, long n) {
        long attended = c.heads() * c.headSize();
        Flop attention =
                linear(c.size(), attended, n).times(3).plus(selfAttention(n, attended), linear(attended, c.size(), n));
        Flop perceptron =
                linear(c.size(), c.inner(), n).times(c.gated() ? 2 : 1).plus(linear(c.inner(), c.size(), n));
        return attention.plus(perceptron).times(c.layers());
    }

    /** Latents of height h and width w, not guided, with so many tokens of text. */
    static Flop transformer(MMDiTConfig c, long h, long w, long tokens) {
        long size = c.size();
        long n = (h / c.patchSize()) * (w / c.patchSize());
        Flop toSize = linear(size, size, 1);
        Flop sum = conv(c.inChannels(), size, (int) c.patchSize(), n)
                .plus(linear(c.textSize(), size, tokens), linear(MMDiT.TIME_SIZE, size, 1), toSize)
                .plus(linear(c.pooledSize(), size, 1), toSize);
        for (int layer = 0; layer < c.layers(); layer++) {
            boolean ends = layer == c.layers() - 1;
            boolean dual = c.dualAttention().contains(layer);
            sum = sum.plus(
                    linear(size, ((dual ? 9 : 6) + (ends ? 2 : 6)) * size, 1), // what both streams are told
                    linear(size, size, n + tokens).times(3),
                    selfAttention(n + tokens, size),
                    linear(size, size, n + (ends ? 0 : tokens)),
                    linear(size, 4 * size, n + (ends ? 0 : tokens)).times(2),
                    dual ? attentionLayer(size, n) : NONE);
        }
        return sum.plus(linear(size, 2 * size, 1), linear(size, c.patchSize() * c.patchSize() * c.outChannels(), n));
    }

    /** Latents of height h and width w, not guided. */
    static Flop unet(UNetConfig c, long h, long w, long tokens) {
        return new UNet(c, h, w, tokens).count();
    }

    /** From latents of height h and width w to a picture. */
    static Flop decode(VaeConfig c, long h, long w) {
        int last = c.channels().size() - 1;
        long top = c.channels().get(last);
        long n = h * w;
        Flop sum = conv(c.latentChannels(), c.latentChannels(), 1, c.postQuantConv() ? n : 0)
                .plus(conv(c.latentChannels(), top, 3, n), middle(c, n));
        long in = top;
        for (int i = 0; i <= last; i++) {
            long out = c.channels().get(last - i);
            sum = sum.plus(level(in, out, c.layers() + 1, c.attentionUp().get(i), n));
            if (i < last) {
                n *= 4;
                sum = sum.plus(conv(out, out, 3, n));
            }
            in = out;
        }
        return sum.plus(conv(in, c.outChannels(), 3, n));
    }

    /** From a picture to latents of height h and width w. */
    static Flop encode(VaeConfig c, long h, long w) {
        int last = c.channels().size() - 1;
        long n = h * w * c.factor() * c.factor();
        long in = c.channels().get(0);
        Flop sum = conv(c.inChannels(), in, 3, n);
        for (int i = 0; i <= last; i++) {
            long out = c.channels().get(i);
            sum = sum.plus(level(in, out, c.layers(), c.attentionDown().get(i), n));
            if (i < last) {
                n /= 4;
                sum = sum.plus(conv(out, out, 3, n));
            }
            in = out;
        }
        long moments = 2 * c.latentChannels();
        return sum.plus(middle(c, n), conv(in, moments, 3, n), conv(moments, moments, 1, c.quantConv() ? n : 0));
    }

    private static Flop middle(VaeConfig c, long n) {
        long channels = c.channels().get(c.channels().size() - 1);
        Flop attention = c.attentionMiddle() ? attentionLayer(channels, n) : NONE;
        return resnet(channels, channels, 0, n).times(2).plus(attention);
    }

    private static Flop level(long in, long out, int count, boolean attention, long n) {
        Flop blocks = resnet(in, out, 0, n).plus(resnet(out, out, 0, n).times(count - 1L));
        return attention ? blocks.plus(attentionLayer(out, n).times(count)) : blocks;
    }

    /** The maps to queries, keys and values, the attention, the map of what it gives. */
    private static Flop attentionLayer(long size, long n) {
        return linear(size, size, n).times(4).plus(selfAttention(n, size));
    }

    private static Flop resnet(long in, long out, long temb, long n) {
        Flop shortcut = in == out ? NONE : conv(in, out, 1, n);
        return conv(in, out, 3, n).plus(conv(out, out, 3, n), shortcut, linear(temb, out, 1));
    }

    /** Walks down and up again, as the sample does. */
    private static final class UNet {
        private final UNetConfig config;
        private final long tokens;
        private final Deque<long[]> skips = new ArrayDeque<>();
        private long channels;
        private long h;
        private long w;
        private Flop sum = NONE;

        UNet(UNetConfig config, long h, long w, long tokens) {
            this.config = config;
            this.h = h;
            this.w = w;
            this.tokens = tokens;
            this.channels = config.down().get(0).channels();
        }

        Flop count() {
            UNetConfig.Embeddings e = config.embeddings();
            add(linear(e.timeSize(), e.size(), 1), linear(e.size(), e.size(), 1));
            if (e.additionTimeSize() > 0) {
                add(linear(e.projectionSize(), e.size(), 1), linear(e.size(), e.size(), 1));
            }
            add(conv(config.inChannels(), channels, 3, positions()));
            push();
            List<UNetConfig.Stage> down = config.down();
            for (int i = 0; i < down.size(); i++) {
                UNetConfig.Stage stage = down.get(i);
                stage.depths().forEach(depth -> {
                    block(channels, stage, depth);
                    push();
                });
                if (i < down.size() - 1) {
                    h = (h + 1) / 2;
                    w = (w + 1) / 2;
                    add(conv(channels, channels, 3, positions()));
                    push();
                }
            }
            UNetConfig.Stage coarsest = down.get(down.size() - 1);
            if (config.middle() == UNetConfig.Middle.ATTENTION) {
                add(
                        resnet(channels, channels, e.size(), positions()),
                        transformer(coarsest, coarsest.depths().get(0)));
            }
            if (config.middle() != UNetConfig.Middle.NONE) {
                add(resnet(channels, channels, e.size(), positions()));
            }
            for (UNetConfig.Stage stage : config.up()) {
                stage.depths().forEach(depth -> block(channels + skips.pop()[0], stage, depth));
                long[] next = skips.peek();
                if (next != null) {
                    h = next[1];
                    w = next[2];
                    add(conv(channels, channels, 3, positions()));
                }
            }
            return sum.plus(conv(channels, config.outChannels(), 3, positions()));
        }

        private void block(long in, UNetConfig.Stage stage, int depth) {
            channels = stage.channels();
            add(
                    resnet(in, channels, config.embeddings().size(), positions()),
                    stage.attention() ? transformer(stage, depth) : NONE);
        }

        private Flop transformer(UNetConfig.Stage stage, int depth) {
            long n = positions();
            long context = stage.contextSize();
            long size = stage.channels();
            Flop cross = linear(size, size, n)
                    .plus(linear(context, size, tokens))
                    .times(2)
                    .plus(crossAttention(n, tokens, size));
            Flop self = stage.onlyCross() ? cross : attentionLayer(size, n);
            Flop perceptron = linear(size, 8 * size, n).plus(linear(4 * size, size, n));
            return linear(size, size, n)
                    .times(2)
                    .plus(self.plus(cross, perceptron).times(depth));
        }

        private void add(Flop... more) {
            sum = sum.plus(more);
        }

        private void push() {
            skips.push(new long[] {channels, h, w});
        }

        private long positions() {
            return h * w;
        }
    }
}
