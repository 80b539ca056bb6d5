package dev.latente.models.annotators;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Pooling;
import dev.latente.tensor.Scopes;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Holistically-nested edge detection (Xie and Tu 2015): five blocks of convolutions, each of which says at its resolution where
 * edges are. Keys as in the file {@code ControlNetHED.pth}: {@code norm}, {@code blockN.convs.M}, {@code blockN.projection}.
 */
public final class HedNet {
    private static final int[] CONVS = {2, 2, 3, 3, 3};

    private final Tensor mean; // [1,3,1,1], taken off
    private final List<List<Conv2d>> blocks = new ArrayList<>();
    private final List<Conv2d> projections = new ArrayList<>();

    /** @param file with the weights, whose shapes say how many channels each block has */
    public HedNet(Params p, TensorFile file) {
        mean = p.get("norm", 1, 3, 1, 1);
        long in = 3;
        for (int i = 0; i < CONVS.length; i++) {
            Params block = p.at("block" + (i + 1));
            long channels = channels(file, i + 1);
            List<Conv2d> convs = new ArrayList<>();
            for (int j = 0; j < CONVS[i]; j++) {
                convs.add(new Conv2d(block.at("convs").at(j), in, channels, 3));
                in = channels;
            }
            blocks.add(convs);
            projections.add(new Conv2d(block.at("projection"), in, 1, 1));
        }
    }

    private static long channels(TensorFile file, int block) {
        String key = "block%d.projection.weight".formatted(block);
        TensorInfo info = file.tensors().get(key);
        if (info == null || info.shape().size() != 4) {
            throw new WeightsException(file.path(), key, "is missing: wanted a network for edges as ControlNetHED.pth");
        }
        return info.shape().get(1);
    }

    /** picture [1,3,H,W] in [0,1] -> how much of an edge each pixel is [1,1,H,W], in [0,1]. */
    public Tensor forward(Tensor picture) {
        return Scopes.keep(() -> {
            Tensor x = Ops.channelsLast(Ops.mul(picture, 255).sub(mean));
            List<Tensor> sides = new ArrayList<>();
            for (int i = 0; i < blocks.size(); i++) {
                x = i == 0 ? x : Pooling.largest(x);
                for (Conv2d conv : blocks.get(i)) {
                    x = Functional.relu(conv.forward(x));
                }
                Tensor side = projections.get(i).forward(x);
                sides.add(Functional.resize(side, "bilinear", picture.size(2), picture.size(3)));
            }
            return Ops.stack(0, sides.toArray(new Tensor[0])).mean(0).sigmoid();
        });
    }
}
