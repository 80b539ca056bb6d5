package dev.latente.models.mmdit;

import static dev.latente.nn.TimestepEmbedding.sinusoids;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.TimestepEmbedding;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Multimodal diffusion transformer (Esser et al. 2024, section 4), which predicts the velocity of a rectified flow in Stable
 * Diffusion 3 and 3.5. Keys as in diffusers' {@code SD3Transformer2DModel}. Thread-safe.
 */
public final class MMDiT {
    /** Of the sinusoids of a timestep. */
    public static final long TIME_SIZE = 256;

    private final MMDiTConfig config;
    private final PatchEmbedding patches;
    private final TimestepEmbedding time;
    private final TimestepEmbedding pooledText;
    private final Linear contextEmbedder;
    private final List<JointBlock> blocks = new ArrayList<>();
    private final AdaLayerNorm normOut;
    private final Linear projOut;

    public MMDiT(Params p, MMDiTConfig c) {
        config = c;
        Params timeText = p.at("time_text_embed");
        patches = new PatchEmbedding(p.at("pos_embed"), c);
        time = new TimestepEmbedding(timeText.at("timestep_embedder"), TIME_SIZE, c.size());
        pooledText = new TimestepEmbedding(timeText.at("text_embedder"), c.pooledSize(), c.size());
        contextEmbedder = new Linear(p.at("context_embedder"), c.textSize(), c.size());
        for (int i = 0; i < c.layers(); i++) {
            blocks.add(new JointBlock(
                    p.at("transformer_blocks").at(i),
                    c.attention(),
                    c.dualAttention().contains(i),
                    c.endsText(i)));
        }
        normOut = new AdaLayerNorm(p.at("norm_out"), c.size(), 2);
        projOut = new Linear(p.at("proj_out"), c.size(), c.patchSize() * c.patchSize() * c.outChannels());
    }

    public MMDiTConfig config() {
        return config;
    }

    /** As {@link #forward(Tensor, Tensor, Tensor, Tensor, Set, List)}, with every layer and nothing added. */
    public Tensor forward(Tensor sample, Tensor timesteps, Tensor text, Tensor pooled) {
        return forward(sample, timesteps, text, pooled, Set.of(), List.of());
    }

    /**
     * Predicts the velocity ε - x₀.
     *
     * @param sample noised latents [B,in_channels,H,W], in the dtype of the weights
     * @param timesteps [B] or [1], 1000 for noise
     * @param text [B,m,joint_attention_dim]
     * @param pooled [B,pooled_projection_dim]
     * @param skipped layers to leave out, as skip-layer guidance does
     * @param residuals of a ControlNet, each [B,n,size]: spread evenly over the layers, and added after them
     * @return [B,out_channels,H,W]
     */
    public Tensor forward(
            Tensor sample, Tensor timesteps, Tensor text, Tensor pooled, Set<Integer> skipped, List<Tensor> residuals) {
        Tensor waves = Ops.to(sinusoids(timesteps, TIME_SIZE, true, 0), Ops.dtype(pooled)); // [B,256]
        Tensor embedding = time.forward(waves).add(pooledText.forward(pooled)); // [B,size]
        Streams x = new Streams(patches.forward(sample), contextEmbedder.forward(text));
        for (int i = 0; i < blocks.size(); i++) {
            JointBlock block = blocks.get(i);
            if (!skipped.contains(i)) {
                x = step(block, x, embedding);
            }
            if (!residuals.isEmpty() && block.continuesText()) {
                x = x.withPicture(x.picture().add(residuals.get(i * residuals.size() / blocks.size())));
            }
        }
        List<Tensor> m = normOut.modulation(embedding); // scale, shift
        Tensor tokens = projOut.forward(AdaLayerNorm.modulate(x.picture(), m.get(1), m.get(0))); // [B,n,p·p·out]
        return picture(tokens, sample.size(2), sample.size(3));
    }

    private static Streams step(JointBlock block, Streams x, Tensor embedding) {
        List<Tensor> streams = Scopes.keepAll(() -> {
            Streams next = block.forward(x, embedding, null);
            return List.of(next.picture(), next.text());
        });
        return new Streams(streams.get(0), streams.get(1));
    }

    /** [B,h·w,p·p·C] -> [B,C,h·p,w·p]. */
    private Tensor picture(Tensor tokens, long height, long width) {
        long p = config.patchSize();
        return tokens.view(tokens.size(0), height / p, width / p, p, p, config.outChannels())
                .permute(0, 5, 1, 3, 2, 4) // [B,C,h,p,w,p]
                .reshape(tokens.size(0), config.outChannels(), height, width);
    }
}
