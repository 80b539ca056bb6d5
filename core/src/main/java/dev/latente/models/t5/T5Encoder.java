package dev.latente.models.t5;

import dev.latente.nn.Embedding;
import dev.latente.nn.Params;
import dev.latente.nn.RmsNorm;
import dev.latente.tensor.Attention;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * T5's encoder (Raffel et al. 2020, section 2.1), which Stable Diffusion 3 reads long prompts with. Keys as in transformers'
 * {@code T5EncoderModel}; thread-safe.
 */
public final class T5Encoder {
    private final T5Config config;
    private final Embedding tokens;
    private final Embedding relativeBias;
    private final List<T5Layer> layers = new ArrayList<>();
    private final RmsNorm finalNorm;

    public T5Encoder(Params p, T5Config config) {
        this.config = config;
        Params encoder = p.at("encoder");
        Params blocks = encoder.at("block");
        tokens = new Embedding(p.at("shared"), config.vocabulary(), config.size());
        encoder.at("embed_tokens").ignore("weight");
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new T5Layer(blocks.at(i), config));
        }
        relativeBias = new Embedding(
                blocks.at(0).at("layer").at(0).at("SelfAttention").at("relative_attention_bias"),
                config.buckets(),
                config.heads());
        finalNorm = new RmsNorm(encoder.at("final_layer_norm"), config.size(), config.eps());
    }

    public T5Config config() {
        return config;
    }

    /**
     * Encodes prompts.
     *
     * @param ids tokens [B,n] int64
     * @param attentionMask [B,n], 0 for tokens that nobody may see, or null for none, as Stable Diffusion 3 has it
     */
    public T5Output forward(Tensor ids, @Nullable Tensor attentionMask) {
        Tensor x = tokens.forward(ids); // [B,n,d]
        Tensor bias = positionBias(ids.size(1));
        if (attentionMask != null) {
            bias = bias.add(Attention.keyMask(attentionMask, bias)); // [B,h,n,n]
        }
        List<Tensor> states = new ArrayList<>();
        for (T5Layer layer : layers) {
            states.add(x);
            Tensor in = x;
            Tensor scores = bias;
            x = Scopes.keep(() -> layer.forward(in, scores));
        }
        states.add(finalNorm.forward(x));
        return new T5Output(states);
    }

    /** What is added to the scores of n queries and n keys by their distance [1,h,n,n]. */
    public Tensor positionBias(long n) {
        int length = Math.toIntExact(n);
        long[] near = buckets(n);
        long[] bucket = new long[length * length];
        for (int i = 0; i < length; i++) {
            for (int j = 0; j < length; j++) {
                bucket[i * length + j] = near[Math.abs(j - i)] + (j > i ? config.buckets() / 2 : 0);
            }
        }
        return relativeBias.forward(bucket, n, n).permute(2, 0, 1).unsqueeze(0);
    }

    /** The bucket of each distance below n: its own for a short one, shared logarithmically up to the largest distance. */
    private long[] buckets(long n) {
        int half = config.buckets() / 2;
        int exact = half / 2;
        double span = Math.log((double) config.maxDistance() / exact);
        // In fp32 by the library, so that distances at the edge of a bucket fall on the same side as in the reference.
        Tensor ratio = Ops.div(Ops.to(Ops.range(n), DType.F32), exact);
        long[] shared = Ops.longs(Ops.clamp(Ops.mul(Ops.div(ratio.log(), span), half - exact), -1, half));
        long[] buckets = new long[shared.length];
        for (int d = 0; d < buckets.length; d++) {
            buckets[d] = d < exact ? d : Math.min(exact + shared[d], half - 1);
        }
        return buckets;
    }
}
