package dev.latente.models.clip;

import dev.latente.nn.Embedding;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's text encoder (Radford et al. 2021, section 2.4): a causal transformer over prompt tokens. Keys as in transformers'
 * {@code CLIPTextModel} and {@code CLIPTextModelWithProjection}, below {@code text_model.}; thread-safe.
 */
public final class ClipTextModel {
    private final ClipTextConfig config;
    private final Embedding tokenEmbedding;
    private final Embedding positionEmbedding;
    private final List<ClipLayer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final @Nullable Linear projection;

    public ClipTextModel(Params root, ClipTextConfig config) {
        this.config = config;
        Params p = root.at("text_model");
        Params embeddings = p.at("embeddings");
        tokenEmbedding = new Embedding(embeddings.at("token_embedding"), config.vocabulary(), config.size());
        positionEmbedding = new Embedding(embeddings.at("position_embedding"), config.positions(), config.size());
        embeddings.ignore("position_ids");
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new ClipLayer(
                    p.at("encoder").at("layers").at(i),
                    config.size(),
                    config.inner(),
                    config.heads(),
                    config.activation(),
                    config.eps()));
        }
        finalNorm = new LayerNorm(p.at("final_layer_norm"), config.size(), config.eps());
        projection = config.projection() == 0
                ? null
                : new Linear(root.at("text_projection"), config.size(), config.projection(), false);
    }

    public ClipTextConfig config() {
        return config;
    }

    /**
     * Encodes prompts.
     *
     * @param ids tokens [B,n] int64, n at most {@link ClipTextConfig#positions}
     * @param attentionMask [B,n], 0 for tokens that nobody may see, or null for none
     */
    public ClipOutput forward(Tensor ids, @Nullable Tensor attentionMask) {
        long n = ids.size(1);
        if (n > config.positions()) {
            throw new IllegalArgumentException(
                    "prompt has [%d] tokens, the text encoder takes at most %d".formatted(n, config.positions()));
        }
        Tensor positions = Ops.to(Ops.range(n), Ops.device(ids)).unsqueeze(0); // [1,n]
        Tensor x = tokenEmbedding.forward(ids).add(positionEmbedding.forward(positions)); // [B,n,d]
        Tensor mask = attentionMask == null ? null : Attention.keyMask(attentionMask, x);
        List<Tensor> states = new ArrayList<>(List.of(x));
        for (ClipLayer layer : layers) {
            x = layer.forward(x, mask, true);
            states.add(x);
        }
        Tensor last = finalNorm.forward(x);
        Tensor pooled = last.flatten(0, 1).index_select(0, Ops.to(endRows(ids), Ops.device(last))); // [B,d]
        return new ClipOutput(states, last, pooled, projection == null ? null : projection.forward(pooled));
    }

    /** The normalised state without the last {@code skip} layers ("clip skip") [B,n,d]; 0 is the last hidden state. */
    public Tensor skip(ClipOutput output, int skip) {
        return skip == 0 ? output.lastHiddenState() : finalNorm.forward(output.beforeLast(skip));
    }

    /** ids [B,n] -> [B]: where each text ends, as a row of [B·n]. */
    private Tensor endRows(Tensor ids) {
        int n = (int) ids.size(1);
        long[] tokens = Ops.longs(ids);
        long[] rows = new long[tokens.length / n];
        for (int b = 0; b < rows.length; b++) {
            rows[b] = b * (long) n + end(tokens, b * n, n);
        }
        return Ops.of(rows, rows.length);
    }

    private int end(long[] tokens, int from, int n) {
        int largest = 0;
        for (int i = 0; i < n; i++) {
            // Configurations from before the id was corrected say 2; in them the end token is the largest id.
            if (config.eosTokenId() != 2 && tokens[from + i] == config.eosTokenId()) {
                return i;
            }
            if (tokens[from + i] > tokens[from + largest]) {
                largest = i;
            }
        }
        return config.eosTokenId() == 2 ? largest : 0;
    }
}
