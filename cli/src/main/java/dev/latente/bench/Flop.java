package dev.latente.bench;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.VaeConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Floating point operations of one pass, counted from the configuration: convolutions, linear maps and the two products of
 * an attention, two operations for each multiplication. Everything else is a hundredth of them.
 */
final class Flop {
    private Flop() {}

    static long linear(long in, long out, long rows) {
        return 2 * in * out * rows;
    }

    /** Of a size and an output of that many positions. */
    static long conv(long in, long out, int kernel, long positions) {
        return linear(in * kernel * kernel, out, positions);
    }

    /** n queries, m keys, all heads together {@code size} wide. */
    static long attention(long n, long m, long size) {
        return 4 * n * m * size;
    }

    /** A prompt of n tokens. */
    static long text(ClipTextConfig c, long n) {
        long layer = 4 * linear(c.size(), c.size(), n)
                + attention(n, n, c.size())
                + linear(c.size(), c.inner(), n)
                + linear(c.inner(), c.size(), n);
        return c.layers() * layer + linear(c.size(), c.projection(), 1);
    }

    /** Latents of height h and width w, not guided. */
    static long unet(UNetConfig c, long h, long w, long tokens) {
        return new UNet(c, h, w, tokens).count();
    }

    /** From latents of height h and width w to a picture. */
    static long decode(VaeConfig c, long h, long w) {
        int last = c.channels().size() - 1;
        long top = c.channels().get(last);
        long n = h * w;
        long sum = conv(c.latentChannels(), c.latentChannels(), 1, c.postQuantConv() ? n : 0)
                + conv(c.latentChannels(), top, 3, n)
                + middle(c, n);
        long in = top;
        for (int i = 0; i <= last; i++) {
            long out = c.channels().get(last - i);
            sum += level(in, out, c.layers() + 1, c.attentionUp().get(i), n);
            if (i < last) {
                n *= 4;
                sum += conv(out, out, 3, n);
            }
            in = out;
        }
        return sum + conv(in, c.outChannels(), 3, n);
    }

    /** From a picture to latents of height h and width w. */
    static long encode(VaeConfig c, long h, long w) {
        int last = c.channels().size() - 1;
        long n = h * w * c.factor() * c.factor();
        long in = c.channels().get(0);
        long sum = conv(c.inChannels(), in, 3, n);
        for (int i = 0; i <= last; i++) {
            long out = c.channels().get(i);
            sum += level(in, out, c.layers(), c.attentionDown().get(i), n);
            if (i < last) {
                n /= 4;
                sum += conv(out, out, 3, n);
            }
            in = out;
        }
        long moments = 2 * c.latentChannels();
        return sum + middle(c, n) + conv(in, moments, 3, n) + conv(moments, moments, 1, c.quantConv() ? n : 0);
    }

    private static long middle(VaeConfig c, long n) {
        long channels = c.channels().get(c.channels().size() - 1);
        return 2 * resnet(channels, channels, 0, n) + (c.attentionMiddle() ? pixels(channels, n) : 0);
    }

    private static long level(long in, long out, int count, boolean attention, long n) {
        return resnet(in, out, 0, n) + (count - 1) * resnet(out, out, 0, n) + (attention ? count * pixels(out, n) : 0);
    }

    private static long pixels(long channels, long n) {
        return 4 * linear(channels, channels, n) + attention(n, n, channels);
    }

    private static long resnet(long in, long out, long temb, long n) {
        return conv(in, out, 3, n)
                + conv(out, out, 3, n)
                + (in == out ? 0 : conv(in, out, 1, n))
                + linear(temb, out, 1);
    }

    /** Walks down and up again, as the sample does. */
    private static final class UNet {
        private final UNetConfig config;
        private final long tokens;
        private final Deque<long[]> skips = new ArrayDeque<>();
        private long channels;
        private long h;
        private long w;
        private long sum;

        UNet(UNetConfig config, long h, long w, long tokens) {
            this.config = config;
            this.h = h;
            this.w = w;
            this.tokens = tokens;
            this.channels = config.down().get(0).channels();
        }

        long count() {
            UNetConfig.Embeddings e = config.embeddings();
            sum = linear(e.timeSize(), e.size(), 1) + linear(e.size(), e.size(), 1);
            if (e.additionTimeSize() > 0) {
                sum += linear(e.projectionSize(), e.size(), 1) + linear(e.size(), e.size(), 1);
            }
            sum += conv(config.inChannels(), channels, 3, positions());
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
                    sum += conv(channels, channels, 3, positions());
                    push();
                }
            }
            UNetConfig.Stage coarsest = down.get(down.size() - 1);
            if (config.middle() == UNetConfig.Middle.ATTENTION) {
                sum += resnet(channels, channels, e.size(), positions())
                        + transformer(coarsest, coarsest.depths().get(0));
            }
            if (config.middle() != UNetConfig.Middle.NONE) {
                sum += resnet(channels, channels, e.size(), positions());
            }
            for (UNetConfig.Stage stage : config.up()) {
                stage.depths().forEach(depth -> block(channels + skips.pop()[0], stage, depth));
                long[] next = skips.peek();
                if (next != null) {
                    h = next[1];
                    w = next[2];
                    sum += conv(channels, channels, 3, positions());
                }
            }
            return sum + conv(channels, config.outChannels(), 3, positions());
        }

        private void block(long in, UNetConfig.Stage stage, int depth) {
            channels = stage.channels();
            sum += resnet(in, channels, config.embeddings().size(), positions());
            sum += stage.attention() ? transformer(stage, depth) : 0;
        }

        private long transformer(UNetConfig.Stage stage, int depth) {
            long n = positions();
            long context = stage.contextSize();
            long size = stage.channels();
            long cross = 2 * linear(size, size, n) + 2 * linear(context, size, tokens) + attention(n, tokens, size);
            long self = stage.onlyCross() ? cross : pixels(size, n);
            long perceptron = linear(size, 8 * size, n) + linear(4 * size, size, n);
            return 2 * linear(size, size, n) + depth * (self + cross + perceptron);
        }

        private void push() {
            skips.push(new long[] {channels, h, w});
        }

        private long positions() {
            return h * w;
        }
    }
}
