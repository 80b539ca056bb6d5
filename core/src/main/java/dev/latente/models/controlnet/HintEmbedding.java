package dev.latente.models.controlnet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Convolutions that bring the picture to the size and the channels of the U-Net's first features (Zhang et al. 2023,
 * section 3.2). Keys: {@code conv_in}, {@code blocks.N}, {@code conv_out}.
 */
final class HintEmbedding {
    private final Conv2d convIn;
    private final List<Conv2d> blocks = new ArrayList<>();
    private final Conv2d convOut;

    /** @param out channels of the features */
    HintEmbedding(Params p, long in, List<Long> channels, long out) {
        convIn = new Conv2d(p.at("conv_in"), in, channels.get(0), 3);
        for (int i = 1; i < channels.size(); i++) {
            long narrow = channels.get(i - 1);
            blocks.add(new Conv2d(p.at("blocks").at(2 * i - 2), narrow, narrow, 3));
            blocks.add(new Conv2d(p.at("blocks").at(2 * i - 1), narrow, channels.get(i), 3, 2, 1));
        }
        convOut = new Conv2d(p.at("conv_out"), channels.get(channels.size() - 1), out, 3);
    }

    /** picture [B,in,H,W] -> [B,out,H/f,W/f], with f as the configuration's factor. */
    Tensor forward(Tensor picture) {
        Tensor x = Functional.siluInPlace(convIn.forward(Ops.channelsLast(picture)));
        for (Conv2d block : blocks) {
            x = Functional.siluInPlace(block.forward(x));
        }
        return convOut.forward(x);
    }
}
