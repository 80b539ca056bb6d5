package dev.latente.models.upscale;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A small network for videos and for drafts: convolutions at the size of the small picture, whose channels become pixels, over
 * the picture enlarged by nearest neighbours (Real-ESRGAN's {@code SRVGGNetCompact}). Keys: {@code body.N}, a convolution and
 * then the slopes of its activation, by turns.
 */
public final class SrVggNetCompact implements Upscaler {
    private final SrVggConfig config;
    private final Conv2d first;
    private final List<UnaryOperator<Tensor>> layers = new ArrayList<>();

    public SrVggNetCompact(Params p, SrVggConfig config) {
        this.config = config;
        Params body = p.at("body");
        long features = config.features();
        first = new Conv2d(body.at(0), config.channels(), features, 3);
        for (int i = 0; i <= config.layers(); i++) {
            Tensor slopes = body.at(2 * i + 1).get("weight", features);
            long out = i < config.layers() ? features : (long) config.channels() * config.scale() * config.scale();
            Conv2d next = new Conv2d(body.at(2 * i + 2), features, out, 3);
            layers.add(x -> next.forward(Functional.prelu(x, slopes)));
        }
    }

    public SrVggConfig config() {
        return config;
    }

    @Override
    public int channels() {
        return config.channels();
    }

    @Override
    public int scale() {
        return config.scale();
    }

    @Override
    public int unit() {
        return 1;
    }

    @Override
    public int reach() {
        return config.layers() + 2;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scopes.keep(() -> {
            Tensor own = first.accept(x);
            Tensor detail = Scopes.chain(first.forward(Ops.channelsLast(own)), layers);
            Tensor large = Functional.upsampleNearest(own, x.size(2) * scale(), x.size(3) * scale());
            return Functional.pixelShuffle(detail, scale()).add(large);
        });
    }
}
