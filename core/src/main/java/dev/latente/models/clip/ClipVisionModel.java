package dev.latente.models.clip;

import dev.latente.nn.Embedding;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's vision transformer (Radford et al. 2021, section 2.4; Dosovitskiy et al. 2021). Keys as in transformers'
 * {@code CLIPVisionModel} and {@code CLIPVisionModelWithProjection}, below {@code vision_model.}; thread-safe.
 */
public final class ClipVisionModel {
    private final ClipVisionConfig config;
    private final Tensor classEmbedding; // [d]
    private final Tensor patchEmbedding; // [d,C,p,p]
    private final Embedding positionEmbedding;
    private final LayerNorm preNorm;
    private final List<ClipLayer> layers = new ArrayList<>();
    private final LayerNorm postNorm;
    private final @Nullable Linear projection;

    public ClipVisionModel(Params root, ClipVisionConfig config) {
        this.config = config;
        long d = config.size();
        long patch = config.patchSize();
        Params p = root.at("vision_model");
        Params embeddings = p.at("embeddings");
        classEmbedding = embeddings.get("class_embedding", d);
        patchEmbedding = embeddings.at("patch_embedding").get("weight", d, config.channels(), patch, patch);
        positionEmbedding = new Embedding(embeddings.at("position_embedding"), config.positions(), d);
        embeddings.ignore("position_ids");
        preNorm = new LayerNorm(p.at("pre_layrnorm"), d, config.eps()); // misspelt in every checkpoint
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new ClipLayer(
                    p.at("encoder").at("layers").at(i),
                    d,
                    config.inner(),
                    config.heads(),
                    config.activation(),
                    config.eps()));
        }
        postNorm = new LayerNorm(p.at("post_layernorm"), d, config.eps());
        projection = config.projection() == 0
                ? null
                : new Linear(root.at("visual_projection"), d, config.projection(), false);
    }

    public ClipVisionConfig config() {
        return config;
    }

    /**
     * Encodes pictures as {@link dev.latente.image.ClipImages} prepares them: pixels [B,C,imageSize,imageSize], of any dtype
     * on any device.
     */
    public ClipVisionOutput forward(Tensor pixels) {
        long side = config.imageSize();
        if (pixels.dim() != 4 || pixels.size(2) != side || pixels.size(3) != side) {
            throw new IllegalArgumentException("CLIP vision model: got pixels of shape %s, wanted [B,%d,%d,%d]"
                    .formatted(Arrays.toString(Ops.shape(pixels)), config.channels(), side, side));
        }
        Tensor patches = Functional.conv2d(accept(pixels), patchEmbedding, null, config.patchSize(), 0)
                .flatten(2, 3)
                .transpose(1, 2); // [B,n-1,d]
        Tensor tokens = Ops.cat(1, classEmbedding.expand(pixels.size(0), 1, config.size()), patches); // [B,n,d]
        Tensor positions =
                Ops.to(Ops.range(config.positions()), Ops.device(patches)).unsqueeze(0); // [1,n]
        Tensor x = preNorm.forward(tokens.add(positionEmbedding.forward(positions)));
        List<Tensor> states = new ArrayList<>(List.of(x));
        for (ClipLayer layer : layers) {
            Tensor in = x;
            x = Scopes.keep(() -> layer.forward(in, null, false));
            states.add(x);
        }
        Tensor pooled = postNorm.forward(x.select(1, 0)); // [B,d]
        return new ClipVisionOutput(states, pooled, projection == null ? null : projection.forward(pooled));
    }

    private Tensor accept(Tensor pixels) {
        return Ops.to(pixels, Ops.dtype(patchEmbedding), Ops.device(patchEmbedding));
    }
}
