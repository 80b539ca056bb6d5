package dev.latente.models.unet;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the U-Net is told beside the sample and the timestep. A model needs exactly the parts that its configuration names.
 *
 * @param encoderHiddenStates text embeddings [B,tokens,cross_attention_dim]
 * @param encoderAttentionMask [B,tokens], 1 for tokens to attend to and 0 for others, or null for all
 * @param textEmbeds pooled text embedding [B,d] (SDXL)
 * @param timeIds sizes and crop in pixels, or aesthetic score [B,5 or 6] (SDXL, Podell et al. 2023, section 2.2)
 * @param timestepCond embedding of the guidance scale [B,time_cond_proj_dim] (LCM, Luo et al. 2023, section 4.2)
 * @param classLabels noise level [B] int64 (x4 upscaler), or vectors [B,d] where the class embedding projects
 */
public record UNetConditioning(
        Tensor encoderHiddenStates,
        @Nullable Tensor encoderAttentionMask,
        @Nullable Tensor textEmbeds,
        @Nullable Tensor timeIds,
        @Nullable Tensor timestepCond,
        @Nullable Tensor classLabels) {

    /** Text alone, as SD1 and SD2 need it. */
    public static UNetConditioning text(Tensor encoderHiddenStates) {
        return new UNetConditioning(encoderHiddenStates, null, null, null, null, null);
    }

    /** Text, its pooled embedding and the sizes, as SDXL needs it. */
    public static UNetConditioning textAndTime(Tensor encoderHiddenStates, Tensor textEmbeds, Tensor timeIds) {
        return new UNetConditioning(encoderHiddenStates, null, textEmbeds, timeIds, null, null);
    }

    public UNetConditioning withTimestepCond(Tensor cond) {
        return new UNetConditioning(encoderHiddenStates, encoderAttentionMask, textEmbeds, timeIds, cond, classLabels);
    }

    public UNetConditioning withClassLabels(Tensor labels) {
        return new UNetConditioning(
                encoderHiddenStates, encoderAttentionMask, textEmbeds, timeIds, timestepCond, labels);
    }
}
