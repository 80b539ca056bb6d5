package dev.latente.pipelines;

import dev.latente.nn.ImageContext;
import dev.latente.tensor.Ops;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the attentions of a U-Net see of pictures in one run.
 *
 * @param positive for an unguided call
 * @param both for a guided call, the negative half first; null if none is guided
 */
record SeenPictures(ImageContext positive, @Nullable ImageContext both) {
    /** Shows pictures to their adapters. */
    static SeenPictures of(List<PicturePrompt> prompts, Checkpoint checkpoint, int batch, boolean guided) {
        SeenPictures seen = new SeenPictures(ImageContext.NONE, guided ? ImageContext.NONE : null);
        for (PicturePrompt prompt : prompts) {
            seen = seen.plus(of(prompt, checkpoint, batch, guided));
        }
        return seen;
    }

    private static SeenPictures of(PicturePrompt prompt, Checkpoint checkpoint, int batch, boolean guided) {
        IpAdapterCheckpoint adapter = prompt.adapter();
        if (adapter.dtype() != checkpoint.dtype() || !adapter.device().equals(checkpoint.device())) {
            throw new IllegalArgumentException(
                    "%s: got [%s] on [%s], wanted [%s] on [%s] as the checkpoint: load both with the same options"
                            .formatted(
                                    adapter,
                                    adapter.dtype(),
                                    adapter.device(),
                                    checkpoint.dtype(),
                                    checkpoint.device()));
        }
        Tensor positive = prompt.embeddings() == null
                ? adapter.embeddings(prompt.pictures())
                : prompt.embeddings().positive();
        long rows = positive.size(0);
        if (rows == 0 || batch % rows != 0) {
            throw new IllegalArgumentException(
                    "picture prompt: got embeddings for [%d] pictures, wanted one or [%d]".formatted(rows, batch));
        }
        Tensor all = guided ? Ops.cat(0, negative(prompt, positive), positive) : positive;
        Tensor tokens = adapter.adapter().tokens(Ops.to(all, adapter.dtype(), adapter.device()));
        ImageContext context = adapter.adapter()
                .context(tokens, checkpoint.unet().config(), prompt.scale())
                .map(x -> Ops.repeatInterleave(x, (int) (batch / rows)));
        return guided
                ? new SeenPictures(context.map(x -> x.narrow(0, batch, batch)), context)
                : new SeenPictures(context, null);
    }

    private static Tensor negative(PicturePrompt prompt, Tensor positive) {
        if (prompt.embeddings() != null && prompt.embeddings().negative() != null) {
            return prompt.embeddings().negative();
        }
        if (prompt.negative().isEmpty()) {
            return prompt.adapter().nothing(positive);
        }
        return prompt.adapter()
                .embeddings(
                        prompt.negative().size() == 1
                                ? Collections.nCopies(
                                        (int) positive.size(1),
                                        prompt.negative().get(0))
                                : prompt.negative());
    }

    private SeenPictures plus(SeenPictures other) {
        ImageContext together = both == null || other.both == null ? null : both.plus(other.both);
        return new SeenPictures(positive.plus(other.positive), together);
    }
}
