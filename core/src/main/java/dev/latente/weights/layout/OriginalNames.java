package dev.latente.weights.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What the original code calls the weights of a model, for files beside a checkpoint that use its names. */
public final class OriginalNames {
    private OriginalNames() {}

    /** The names of a U-Net's weights in the original code, by the canonical ones. */
    public static Map<String, String> unet(Set<String> canonical) {
        return names(Layout.LDM_UNET, canonical);
    }

    /** The same of the transformer of Stable Diffusion 3; three names of one fused weight have the same. */
    public static Map<String, String> transformer(Set<String> canonical) {
        return names(Layout.MMDIT, canonical);
    }

    private static Map<String, String> names(Layout layout, Set<String> canonical) {
        KeyMap map = layout.keys(canonical);
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : canonical) {
            KeyMap.Place place = map.ofCanonical(name);
            if (place != null) {
                names.put(name, place.stored());
            }
        }
        return names;
    }
}
