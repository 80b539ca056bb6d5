package dev.latente.models.upscale;

import dev.latente.nn.Bands;
import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.nn.Upsample;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Residual-in-residual dense blocks, then doublings (ESRGAN, Wang et al. 2018, section 3.1; Real-ESRGAN, Wang et al. 2021,
 * section 3.2, which lays squares of pixels into channels where it enlarges by less than 4). Keys as in Real-ESRGAN.
 */
public final class RrdbNet implements Upscaler {
    /** Rows of features that are enlarged together: of all at once, the doublings would take several times what the blocks do. */
    public static final long BAND = 64;

    /** Rows around them that what becomes of them depends on, however often it is doubled. */
    private static final long AROUND = 2;

    private final RrdbConfig config;
    private final Conv2d convFirst;
    private final List<UnaryOperator<Tensor>> body = new ArrayList<>();
    private final Conv2d convBody;
    private final List<UnaryOperator<Tensor>> end = new ArrayList<>();

    public RrdbNet(Params p, RrdbConfig config) {
        this.config = config;
        long features = config.features();
        long squares = (long) config.unit() * config.unit() * config.channels();
        convFirst = new Conv2d(p.at("conv_first"), squares, features, 3);
        for (int i = 0; i < config.blocks(); i++) {
            body.add(new DenseBlocks(p.at("body").at(i), features, config.growth())::forward);
        }
        convBody = new Conv2d(p.at("conv_body"), features, features, 3);
        for (int i = 1; i <= config.doublings(); i++) {
            Upsample doubling = Upsample.by(p.at("conv_up" + i), features);
            end.add(x -> DenseBlock.activated(doubling.forward(x)));
        }
        Conv2d convHr = new Conv2d(p.at("conv_hr"), features, features, 3);
        end.add(x -> DenseBlock.activated(convHr.forward(x)));
        end.add(new Conv2d(p.at("conv_last"), features, config.channels(), 3)::forward);
    }

    public RrdbConfig config() {
        return config;
    }

    @Override
    public int channels() {
        return config.channels();
    }

    @Override
    public int scale() {
        return (1 << config.doublings()) / config.unit();
    }

    @Override
    public int unit() {
        return config.unit();
    }

    /** A pixel for each convolution before the doublings, and for those after them less than two together. */
    @Override
    public int reach() {
        int convolutions = 2 + DenseBlocks.COUNT * DenseBlock.LAYERS * config.blocks();
        return config.unit() * (convolutions + (config.doublings() == 0 ? 2 : 3));
    }

    @Override
    public Tensor forward(Tensor x) {
        long height = x.size(2);
        long width = x.size(3);
        Tensor first = Scopes.keep(() -> {
            Tensor whole = Functional.padReflecting(convFirst.accept(x), missing(width), missing(height));
            return convFirst.forward(Ops.channelsLast(Functional.pixelUnshuffle(whole, config.unit())));
        });
        Tensor features = Scopes.keep(() -> Functional.addInto(convBody.forward(Scopes.chain(first, body)), first));
        Tensor large = enlarged(features);
        return large.narrow(2, 0, height * scale()).narrow(3, 0, width * scale());
    }

    /** features [B,C,H,W] -> the new pixels. */
    private Tensor enlarged(Tensor features) {
        long times = 1L << config.doublings();
        Tensor large =
                Ops.emptyChannelsLast(features, config.channels(), times * features.size(2), times * features.size(3));
        Bands.each(
                features,
                BAND,
                AROUND,
                band -> band.of(large, times).copy_(band.inner(Scopes.chain(band.seen(features), end), times)));
        return large;
    }

    /** How many pixels a side lacks to be a multiple of the unit. */
    private long missing(long side) {
        return (config.unit() - side % config.unit()) % config.unit();
    }

    /** A residual block of dense blocks (Wang et al. 2018, figure 4). Keys: {@code rdb1} to {@code rdb3}. */
    private static final class DenseBlocks {
        static final int COUNT = 3;

        private final List<UnaryOperator<Tensor>> blocks = new ArrayList<>();

        DenseBlocks(Params p, long features, long growth) {
            for (int i = 1; i <= COUNT; i++) {
                blocks.add(new DenseBlock(p.at("rdb" + i), features, growth)::forward);
            }
        }

        /** x [B,C,H,W] -> the same shape. */
        Tensor forward(Tensor x) {
            return Ops.addScaled(x, Scopes.chain(x, blocks), DenseBlock.RESIDUAL);
        }
    }
}
