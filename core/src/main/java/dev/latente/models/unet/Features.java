package dev.latente.models.unet;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * What the way up of a U-Net is given: made by its {@link Encoder}, and what a ControlNet adds to it.
 *
 * @param skips after the first convolution and after each layer and halving, the finest first [B,C,H,W]
 * @param middle after the middle block [B,C,H,W]
 */
public record Features(List<Tensor> skips, Tensor middle) {
    public Features {
        skips = List.copyOf(skips);
    }

    /** Runs {@code body}, frees its temporaries and hands what it makes to the caller's scope. */
    public static Features keep(Supplier<Features> body) {
        List<Tensor> all = Scopes.keepAll(() -> {
            Features made = body.get();
            List<Tensor> tensors = new ArrayList<>(made.skips);
            tensors.add(made.middle);
            return tensors;
        });
        return new Features(all.subList(0, all.size() - 1), all.get(all.size() - 1));
    }

    /**
     * The sum, tensor by tensor.
     *
     * @throws IllegalArgumentException if the other ones belong to a U-Net of another depth
     */
    public Features plus(Features other) {
        if (other.skips.size() != skips.size()) {
            throw new IllegalArgumentException(
                    "features: got [%d] to add to the skips, wanted [%d]: they are made for another kind of U-Net"
                            .formatted(other.skips.size(), skips.size()));
        }
        return new Features(other.addedTo(skips), middle.add(other.middle));
    }

    /** The finest skips of a U-Net, each with the one of the same number of these added. */
    List<Tensor> addedTo(List<Tensor> finest) {
        List<Tensor> sums = new ArrayList<>();
        for (int i = 0; i < finest.size(); i++) {
            long rows = Math.max(finest.get(i).size(0), skips.get(i).size(0));
            sums.add(Ops.repeatTo(finest.get(i), rows).add(Ops.repeatTo(skips.get(i), rows)));
        }
        return sums;
    }

    public Features times(double factor) {
        return map(x -> Ops.mul(x, factor));
    }

    /** As {@link #times}, but the finest skip has a tenth of it, and the rest more and more up to the middle. */
    public Features timesRising(double factor) {
        List<Tensor> scaled = new ArrayList<>();
        for (int i = 0; i < skips.size(); i++) {
            double share = Math.pow(10, (double) i / skips.size() - 1);
            scaled.add(Ops.mul(skips.get(i), share * factor));
        }
        return new Features(scaled, Ops.mul(middle, factor));
    }

    public Features map(UnaryOperator<Tensor> change) {
        return new Features(skips.stream().map(change).toList(), change.apply(middle));
    }
}
