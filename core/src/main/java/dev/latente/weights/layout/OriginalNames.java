package dev.latente.weights.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

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
}
