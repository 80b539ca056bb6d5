package dev.latente.models.clip;

import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Contrastive language-image pretraining (Radford et al. 2021): texts and pictures as unit vectors of one space, where what
 * belongs together points the same way. Keys as in transformers' {@code CLIPModel}; thread-safe.
 */
public final class ClipModel {
    private final ClipTextModel text;
    private final ClipVisionModel vision;
    private final Tensor logitScale; // [], the logarithm of the inverse temperature

    public ClipModel(Params p, ClipConfig config) {
        text = new ClipTextModel(p, config.text());
        vision = new ClipVisionModel(p, config.vision());
        logitScale = p.get("logit_scale");
    }

    public ClipTextModel text() {
        return text;
    }

    public ClipVisionModel vision() {
        return vision;
    }

    /** ids [B,n] int64, mask as {@link ClipTextModel#forward} -> unit vectors [B,projection]. */
    public Tensor textEmbeds(Tensor ids, @Nullable Tensor attentionMask) {
        return Functional.unit(
                Objects.requireNonNull(text.forward(ids, attentionMask).textEmbeds()));
    }

    /** pixels [B,C,H,W] as {@link ClipVisionModel#forward} -> unit vectors [B,projection]. */
    public Tensor imageEmbeds(Tensor pixels) {
        return Functional.unit(Objects.requireNonNull(vision.forward(pixels).imageEmbeds()));
    }

    /** How well each picture fits each text: unit vectors [I,d], [T,d] -> cosines over the temperature [I,T]. */
    public Tensor logits(Tensor imageEmbeds, Tensor textEmbeds) {
        return imageEmbeds.matmul(textEmbeds.t()).mul(logitScale.exp());
    }
}
