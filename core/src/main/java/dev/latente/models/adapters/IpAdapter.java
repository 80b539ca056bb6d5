package dev.latente.models.adapters;

import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.ImageContext;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes tokens of what an encoder says of a picture, and of the tokens what each attention of a U-Net sees beside the text (Ye
 * et al. 2023). Keys as in the published files: {@code image_proj}, {@code ip_adapter.N}. Thread-safe.
 */
public final class IpAdapter {
    private final IpAdapterConfig config;
    private final UnaryOperator<Tensor> projection;
    private final List<Linear> toKeys = new ArrayList<>();
    private final List<Linear> toValues = new ArrayList<>();

    public IpAdapter(Params p, IpAdapterConfig config) {
        this.config = config;
        Params root = p.at("image_proj");
        IpAdapterConfig.Projection c = config.projection();
        if (c instanceof IpAdapterConfig.Basic basic) {
            projection = basic(root, basic);
        } else if (c instanceof IpAdapterConfig.FullFace fullFace) {
            projection = fullFace(root, fullFace);
        } else {
            projection = new Resampler(root, (IpAdapterConfig.Plus) c)::forward;
        }
        for (long size : config.sizes()) {
            Params attention = p.at("ip_adapter").at(2 * toKeys.size() + 1); // those between are of the sequence itself
            toKeys.add(new Linear(attention.at("to_k_ip"), c.out(), size, false));
            toValues.add(new Linear(attention.at("to_v_ip"), c.out(), size, false));
        }
    }

    private static UnaryOperator<Tensor> basic(Params p, IpAdapterConfig.Basic c) {
        Linear proj = new Linear(p.at("proj"), c.in(), c.tokens() * c.out());
        LayerNorm norm = new LayerNorm(p.at("norm"), c.out(), 1e-5);
        return x -> norm.forward(proj.forward(x).unflatten(-1, c.tokens(), c.out()));
    }

    private static UnaryOperator<Tensor> fullFace(Params p, IpAdapterConfig.FullFace c) {
        Linear widen = new Linear(p.at("proj").at(0), c.in(), c.inner());
        Linear narrow = new Linear(p.at("proj").at(2), c.inner(), c.out());
        LayerNorm norm = new LayerNorm(p.at("proj").at(3), c.out(), 1e-5);
        return x -> norm.forward(narrow.forward(Functional.gelu(widen.forward(x))));
    }

    public IpAdapterConfig config() {
        return config;
    }

    /**
     * The tokens of pictures.
     *
     * @param embeddings of n pictures each [B,n,in], or [B,n,states,in] where the projection wants states; in the dtype of the
     *     weights
     * @return [B,n·tokens,out]
     */
    public Tensor tokens(Tensor embeddings) {
        long in = config.projection().in();
        int dims = config.projection().wantsStates() ? 4 : 3;
        if (embeddings.dim() != dims || embeddings.size(-1) != in) {
            throw new IllegalArgumentException(
                    "IP-Adapter: got embeddings of %d dimensions and [%d] numbers, wanted %d and [%d]"
                            .formatted(embeddings.dim(), embeddings.size(-1), dims, in));
        }
        Tensor tokens = projection.apply(embeddings.flatten(0, 1)); // [B·n,tokens,out]
        return tokens.unflatten(0, embeddings.size(0), embeddings.size(1)).flatten(1, 2);
    }

    /**
     * What the attentions of a U-Net see.
     *
     * @param tokens [B,m,out]
     * @param scales how strongly
     * @throws IllegalArgumentException if the adapter does not fit the U-Net, or a scale is for a block that it does not have
     */
    public ImageContext context(Tensor tokens, UNetConfig unet, BlockScales scales) {
        List<IpAdapterConfig.Attention> attentions = config.attentionsOf(unet);
        scales.requireAmong(
                attentions.stream().map(IpAdapterConfig.Attention::transformer).toList());
        Map<String, List<ImageContext.Answers>> blocks = new HashMap<>();
        for (int i = 0; i < attentions.size(); i++) {
            double scale = scales.at(attentions.get(i).transformer());
            if (scale != 0) {
                Tensor values = Ops.mul(toValues.get(i).forward(tokens), scale);
                blocks.put(
                        attentions.get(i).path(),
                        List.of(new ImageContext.Answers(toKeys.get(i).forward(tokens), values)));
            }
        }
        return new ImageContext(blocks);
    }
}
