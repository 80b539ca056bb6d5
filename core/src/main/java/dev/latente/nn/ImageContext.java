package dev.latente.nn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * What transformer blocks see of pictures beside the text (Ye et al. 2023, section 3.2.2). It is the same at every step, so
 * that its keys and values are made once for a run.
 *
 * @param blocks by the path of the block, as {@link Params} gives it: such as {@code mid_block.attentions.0.transformer_blocks.0.}
 */
public record ImageContext(Map<String, List<Answers>> blocks) {
    public static final ImageContext NONE = new ImageContext(Map.of());

    /**
     * The sequence that answers in one attention, which looks at it apart from the text and adds what it learns.
     *
     * @param keys [B,m,size]
     * @param values times the scale of the pictures [B,m,size]
     */
    public record Answers(Tensor keys, Tensor values) {}

    public ImageContext {
        blocks = Map.copyOf(blocks);
    }

    /** What a block sees, one for each adapter; empty for none. */
    List<Answers> at(String path) {
        return blocks.getOrDefault(path, List.of());
    }

    /** This and what another adapter shows. */
    public ImageContext plus(ImageContext other) {
        Map<String, List<Answers>> both = new HashMap<>(blocks);
        other.blocks.forEach((path, more) -> both.merge(
                path, more, (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
        return new ImageContext(both);
    }

    /** The same with other keys and values, such as those of a half of the batch. */
    public ImageContext map(UnaryOperator<Tensor> change) {
        Map<String, List<Answers>> changed = new HashMap<>();
        blocks.forEach((path, all) -> changed.put(
                path,
                all.stream()
                        .map(a -> new Answers(change.apply(a.keys), change.apply(a.values)))
                        .toList()));
        return new ImageContext(changed);
    }
}
