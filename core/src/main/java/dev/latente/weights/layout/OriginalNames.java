package dev.latente.weights.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What the original code calls the weights of a model, for files beside a checkpoint that use its names. */
public final class OriginalNames {
    private OriginalNames() {}

    /** The names of a U-Net's weights in the original code, by the canonical ones. */
    public static Map<String, String> unet(Set<String> canonical) {
        KeyMap map = Layout.LDM_UNET.keys(canonical);
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : canonical) {
            KeyMap.Place place = map.ofCanonical(name);
            if (place != null) {
                names.put(name, place.stored());
            }
        }
        return names;
    }

    /**
     * A weight in the original code, where it may be a part of another.
     *
     * @param name of the whole
     * @param rows of the whole [out,...] that this weight has, in its order; null where it is the whole
     */
    public record Original(String name, @Nullable UnaryOperator<Tensor> rows) {}

    /** The weights of the transformer of Stable Diffusion 3 or Flux.1 in the original code, by the canonical names. */
    public static Map<String, Original> transformer(Set<String> canonical) {
        Layout layout = canonical.contains("x_embedder.weight") ? Layout.FLUX : Layout.MMDIT;
        KeyMap map = layout.keys(canonical);
        Map<String, Original> originals = new LinkedHashMap<>();
        for (String name : canonical) {
            KeyMap.Place place = map.ofCanonical(name);
            if (place != null) {
                int part = place.canonical().indexOf(name);
                int parts = place.canonical().size();
                boolean whole = place.shaping() == Shaping.COPY;
                originals.put(
                        name,
                        new Original(
                                place.stored(),
                                whole ? null : x -> place.shaping().read(x, part, parts)));
            }
        }
        return originals;
    }
}
