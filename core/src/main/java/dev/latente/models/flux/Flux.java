package dev.latente.models.flux;

import static dev.latente.nn.TimestepEmbedding.sinusoids;

import dev.latente.models.mmdit.AdaLayerNorm;
import dev.latente.models.mmdit.JointBlock;
import dev.latente.models.mmdit.Streams;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RotaryEmbedding;
import dev.latente.nn.TimestepEmbedding;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rectified flow transformer of Flux.1 (Black Forest Labs 2024): the blocks of Stable Diffusion 3's transformer with
 * rotary positions, then blocks in which patches and text are one sequence. Keys as in diffusers'
 * {@code FluxTransformer2DModel}. Thread-safe.
 */
public final class Flux {
    private static final long TIME_SIZE = 256;

    /** What a scale of guidance is multiplied by before it is embedded as a timestep is. */
    private static final double GUIDANCE = 1000;

    /** The largest fp16. */
    private static final double LARGEST = 65504;

    private final FluxConfig config;
    private final Linear xEmbedder;
    private final Linear contextEmbedder;
    private final TimestepEmbedding time;
    private final @Nullable TimestepEmbedding guided;
    private final TimestepEmbedding pooledText;
    private final List<JointBlock> blocks = new ArrayList<>();
    private final List<SingleBlock> singleBlocks = new ArrayList<>();
    private final AdaLayerNorm normOut;
    private final Linear projOut;

    public Flux(Params p, FluxConfig c) {
        config = c;
        Params timeText = p.at("time_text_embed");
        xEmbedder = new Linear(p.at("x_embedder"), c.inChannels(), c.size());
        contextEmbedder = new Linear(p.at("context_embedder"), c.textSize(), c.size());
        time = new TimestepEmbedding(timeText.at("timestep_embedder"), TIME_SIZE, c.size());
        guided = c.guidanceEmbeds()
                ? new TimestepEmbedding(timeText.at("guidance_embedder"), TIME_SIZE, c.size())
                : null;
        pooledText = new TimestepEmbedding(timeText.at("text_embedder"), c.pooledSize(), c.size());
        for (int i = 0; i < c.layers(); i++) {
            blocks.add(new JointBlock(p.at("transformer_blocks").at(i), c.attention(), false, false));
        }
        for (int i = 0; i < c.singleLayers(); i++) {
            singleBlocks.add(new SingleBlock(p.at("single_transformer_blocks").at(i), c.attention()));
        }
        normOut = new AdaLayerNorm(p.at("norm_out"), c.size(), 2);
        projOut = new Linear(p.at("proj_out"), c.size(), c.patchSize() * c.patchSize() * c.outChannels());
    }

    public FluxConfig config() {
        return config;
    }

    /**
     * What it is told.
     *
     * @param timesteps [B] or [1], 1000 for noise
     * @param guidance scales of guidance [B] or [1]; of no use to a model that is not told them
     * @param text [B,m,joint_attention_dim]
     * @param pooled [B,pooled_projection_dim]
     */
    public record Conditions(Tensor timesteps, Tensor guidance, Tensor text, Tensor pooled) {}

    /**
     * Predicts the velocity ε - x₀.
     *
     * @param tokens noised latents, packed [B,n,in_channels], in the dtype of the weights
     * @param positions of these tokens, then of the text, on every axis [n+m,axes]
     * @return [B,n,patch_size²·out_channels]
     */
    public Tensor forward(Tensor tokens, Tensor positions, Conditions told) {
        Tensor embedding = embedding(told);
        RotaryEmbedding rotary = new RotaryEmbedding(positions, config.axes());
        Streams x = new Streams(xEmbedder.forward(tokens), contextEmbedder.forward(told.text()));
        for (JointBlock block : blocks) {
            x = step(block, x, embedding, rotary);
        }
        Tensor all = Ops.cat(1, x.picture(), x.text()); // [B,n+m,size]
        for (SingleBlock block : singleBlocks) {
            Tensor before = all;
            all = Scopes.keep(() -> finite(block.forward(before, embedding, rotary)));
        }
        Tensor picture = all.narrow(1, 0, tokens.size(1));
        List<Tensor> m = normOut.modulation(embedding); // scale, shift
        return projOut.forward(AdaLayerNorm.modulate(picture, m.get(1), m.get(0)));
    }

    /**
     * The same of latents as they are.
     *
     * @param sample noised latents [B,C,h,w] with C·4 = in_channels and even sides
     * @return [B,C,h,w]
     */
    public Tensor velocity(Tensor sample, Conditions told) {
        long h = sample.size(2);
        long w = sample.size(3);
        Tensor positions = Ops.to(PackedLatents.positions(h, w, told.text().size(1)), Ops.device(sample));
        return PackedLatents.unpack(forward(PackedLatents.pack(sample), positions, told), h, w);
    }

    /** [B,size]. */
    private Tensor embedding(Conditions told) {
        DType dtype = Ops.dtype(told.pooled());
        Tensor sum = time.forward(waves(told.timesteps(), dtype)).add(pooledText.forward(told.pooled()));
        return guided == null ? sum : sum.add(guided.forward(waves(Ops.mul(told.guidance(), GUIDANCE), dtype)));
    }

    private static Tensor waves(Tensor values, DType dtype) {
        return Ops.to(sinusoids(values, TIME_SIZE, true, 0), dtype);
    }

    private static Streams step(JointBlock block, Streams x, Tensor embedding, RotaryEmbedding rotary) {
        List<Tensor> streams = Scopes.keepAll(() -> {
            Streams next = block.forward(x, embedding, rotary);
            return List.of(next.picture(), finite(next.text()));
        });
        return new Streams(streams.get(0), streams.get(1));
    }

    /** In fp16 some states of the text are larger than the largest number. */
    private static Tensor finite(Tensor x) {
        return Ops.dtype(x) == DType.F16 ? Ops.clamp(x, -LARGEST, LARGEST) : x;
    }
}
