package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.models.adapters.BlockScales;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Pictures that say what to draw, beside the text, by an IP-Adapter (Ye et al. 2023). They steer all pictures of a run.
 *
 * @param adapter that looks at them
 * @param pictures one or several, which are all seen
 * @param negative what to keep away from: one picture, as many as there are, or none
 * @param scale how strongly, in each part of the U-Net; 0.5 leaves room for the text
 * @param embeddings instead of pictures, or null
 */
public record PicturePrompt(
        IpAdapterCheckpoint adapter,
        List<Picture> pictures,
        List<Picture> negative,
        BlockScales scale,
        @Nullable Embeddings embeddings) {

    /**
     * What an encoder said of pictures, as {@link IpAdapterCheckpoint#embeddings} gives it. The caller owns the tensors, and
     * keeps them as long as there are runs.
     *
     * @param positive [1,n,...], or a row for each picture of the run
     * @param negative of the same shape, or null for what stands for no picture
     */
    public record Embeddings(Tensor positive, @Nullable Tensor negative) {}

    public PicturePrompt {
        pictures = List.copyOf(pictures);
        negative = List.copyOf(negative);
        if (pictures.isEmpty() == (embeddings == null)) {
            throw new IllegalArgumentException("picture prompt: got [%d] pictures and %s, wanted either of them"
                    .formatted(pictures.size(), embeddings == null ? "no embeddings" : "embeddings"));
        }
        if (negative.size() > 1 && negative.size() != pictures.size()) {
            throw new IllegalArgumentException(
                    "picture prompt: got [%d] negative pictures, wanted none, one or as many as the [%d] others"
                            .formatted(negative.size(), pictures.size()));
        }
    }

    /** In full strength. */
    public static PicturePrompt of(IpAdapterCheckpoint adapter, Picture... pictures) {
        return new PicturePrompt(adapter, List.of(pictures), List.of(), BlockScales.of(1), null);
    }

    /** What an encoder said before, in full strength. */
    public static PicturePrompt of(IpAdapterCheckpoint adapter, Embeddings embeddings) {
        return new PicturePrompt(adapter, List.of(), List.of(), BlockScales.of(1), embeddings);
    }

    public PicturePrompt withNegative(List<Picture> value) {
        return new PicturePrompt(adapter, pictures, value, scale, embeddings);
    }

    public PicturePrompt withScale(double value) {
        return withScale(BlockScales.of(value));
    }

    public PicturePrompt withScale(BlockScales value) {
        return new PicturePrompt(adapter, pictures, negative, value, embeddings);
    }
}
