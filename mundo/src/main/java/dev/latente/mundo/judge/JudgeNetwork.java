package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.nn.Activation;
import dev.latente.nn.Conv2d;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A small residual network (He et al. 2016) with one linear map for each {@link Head}, over the features in each field of a coarse
 * grid and their maximum over all of the picture.
 */
final class JudgeNetwork {
    private static final long[] CHANNELS = {32, 64, 128};
    private static final long GROUPS = 8;
    private static final long GRID = 4;

    private final List<Conv2d> downs = new ArrayList<>();
    private final List<ResnetBlock> blocks = new ArrayList<>();
    private final GroupNorm norm;
    private final Map<Head, Linear> heads = new EnumMap<>(Head.class);

    JudgeNetwork(Params p) {
        long in = 3;
        for (int i = 0; i < CHANNELS.length; i++) {
            long out = CHANNELS[i];
            Params down = p.at("downs").at(i);
            downs.add(i == 0 ? new Conv2d(down, in, out, 8, 4, 2) : new Conv2d(down, in, out, 3, 2, 1));
            blocks.add(new ResnetBlock(p.at("blocks").at(i), out, out, 0, GROUPS, 1e-5, Activation.RELU));
            in = out;
        }
        norm = new GroupNorm(p.at("norm"), GROUPS, in, 1e-5);
        for (Head head : Head.values()) {
            heads.put(head, new Linear(p.at("heads").at(head.key()), (GRID * GRID + 1) * in, head.classes()));
        }
    }

    /** Pictures of one size -> [B,3,H,W] in [-1,1]. */
    static Tensor input(List<Picture> pictures) {
        Tensor[] rows = pictures.stream().map(p -> p.rgb().toTensor()).toArray(Tensor[]::new);
        return Ops.sub(Ops.mul(Ops.cat(0, rows), 2), 1);
    }

    /** Pictures x [B,3,128,128] in [-1,1] -> logits of each head [B,classes]. */
    Map<Head, Tensor> forward(Tensor x) {
        Tensor h = Ops.channelsLast(downs.get(0).accept(x));
        for (int i = 0; i < downs.size(); i++) {
            h = blocks.get(i).forward(downs.get(i).forward(h), null); // [B,32,32,32], [B,64,16,16], [B,128,8,8]
        }
        Tensor cells = norm.forward(h).relu();
        Tensor where = Functional.resize(cells, "area", GRID, GRID).flatten(1, 3); // [B,128·16]
        Tensor anywhere = cells.flatten(2, 3).amax(new long[] {2}, false); // [B,128]
        Tensor features = Ops.cat(1, where, anywhere);
        Map<Head, Tensor> logits = new EnumMap<>(Head.class);
        heads.forEach((head, linear) -> logits.put(head, linear.forward(features)));
        return logits;
    }
}
