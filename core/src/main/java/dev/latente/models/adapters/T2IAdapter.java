package dev.latente.models.adapters;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Pooling;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A small network that makes of a picture what to add to a U-Net's way down (Mou et al. 2023, section 3.3). It runs once for a
 * picture, not at every step. Keys as in diffusers' {@code T2IAdapter}. Thread-safe.
 */
public final class T2IAdapter {
    private final T2IAdapterConfig config;
    private final @Nullable Conv2d convIn;
    private final List<Block> blocks = new ArrayList<>();

    public T2IAdapter(Params root, T2IAdapterConfig config) {
        this.config = config;
        Params p = root.at("adapter");
        boolean light = config.type() == T2IAdapterConfig.Type.LIGHT;
        convIn = light
                ? null
                : new Conv2d(
                        p.at("conv_in"), config.unshuffled(), config.channels().get(0), 3);
        for (T2IAdapterConfig.Block shape : config.blocks()) {
            blocks.add(new Block(p.at("body").at(blocks.size()), shape, light, config.resBlocks()));
        }
    }

    public T2IAdapterConfig config() {
        return config;
    }

    /**
     * The features that a picture gives.
     *
     * @param picture [B,in_channels,H,W] in [0,1], of multiples of the configuration's factor, in the dtype of the weights
     * @return [B,C,h,w] of each block, the finest first
     */
    public List<Tensor> forward(Tensor picture) {
        long factor = config.factor();
        if (picture.size(2) % factor != 0 || picture.size(3) % factor != 0) {
            throw new IllegalArgumentException("T2I-Adapter: got a picture of [%dx%d], wanted multiples of %d pixels"
                    .formatted(picture.size(3), picture.size(2), factor));
        }
        List<Tensor> features = new ArrayList<>();
        Tensor x = Ops.channelsLast(Pooling.unshuffle(picture, factor));
        if (convIn != null) {
            x = convIn.forward(x);
        }
        for (Block block : blocks) {
            Tensor in = x;
            x = Scopes.keep(() -> block.forward(in));
            features.add(x);
        }
        return features;
    }

    /** Residual blocks of one resolution, in a light adapter between two 1x1 convolutions. */
    private static final class Block {
        private final boolean halves;
        private final @Nullable Conv2d convIn;
        private final List<Conv2d> firsts = new ArrayList<>();
        private final List<Conv2d> seconds = new ArrayList<>();
        private final @Nullable Conv2d convOut;

        Block(Params p, T2IAdapterConfig.Block shape, boolean light, int resBlocks) {
            halves = shape.halves();
            long inner = light ? shape.out() / 4 : shape.out();
            convIn = light || shape.in() != inner ? new Conv2d(p.at("in_conv"), shape.in(), inner, 1) : null;
            for (int i = 0; i < resBlocks; i++) {
                Params block = p.at("resnets").at(i);
                firsts.add(new Conv2d(block.at("block1"), inner, inner, 3));
                seconds.add(new Conv2d(block.at("block2"), inner, inner, light ? 3 : 1));
            }
            convOut = light ? new Conv2d(p.at("out_conv"), inner, shape.out(), 1) : null;
        }

        /** x [B,in,H,W] -> [B,out,H,W], or of half the sides, rounded up. */
        Tensor forward(Tensor input) {
            Tensor x = halves ? Pooling.mean(input) : input;
            if (convIn != null) {
                x = convIn.forward(x);
            }
            for (int i = 0; i < firsts.size(); i++) {
                x = seconds.get(i)
                        .forward(Functional.relu(firsts.get(i).forward(x)))
                        .add(x);
            }
            return convOut == null ? x : convOut.forward(x);
        }
    }
}
