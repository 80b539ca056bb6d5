package dev.latente.weights.layout;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What files of networks that enlarge pictures look like: the names of xinntao/ESRGAN and of BasicSR before 2020 beside those
 * of xinntao/Real-ESRGAN, which are the canonical ones, and the configuration that shapes tell.
 */
final class UpscalerFiles {
    static final String COMPONENT = "upscaler";

    private UpscalerFiles() {}

    /** Numbered modules; activations and enlargements count, too. */
    static KeyMap esrgan(Set<String> names) {
        String block = "model.1.sub.%d.RDB1.";
        int blocks = Math.max(Layout.count(names, block), Layout.count(names, "body.%d.rdb1."));
        KeyMap map = new KeyMap().module("model.0", "conv_first").module("model.1.sub." + blocks, "conv_body");
        for (int i = 0; i < blocks; i++) {
            for (int j = 1; j <= 3; j++) {
                for (int k = 1; k <= 5; k++) {
                    map.module(
                            "model.1.sub.%d.RDB%d.conv%d.0".formatted(i, j, k),
                            "body.%d.rdb%d.conv%d".formatted(i, j, k));
                }
            }
        }
        // The first convolution and the last two are no doublings.
        int convolutions = (int)
                names.stream().filter(n -> n.matches("model\\.\\d+\\.weight")).count();
        int doublings = Math.max(convolutions - 3, doublings(names));
        for (int i = 1; i <= doublings; i++) {
            map.module("model." + 3 * i, "conv_up" + i);
        }
        return map.module("model." + (3 * doublings + 2), "conv_hr")
                .module("model." + (3 * doublings + 4), "conv_last");
    }

    static KeyMap rrdbTrunk(Set<String> names) {
        int blocks = Math.max(Layout.count(names, "RRDB_trunk.%d."), Layout.count(names, "body.%d.rdb1."));
        KeyMap map = new KeyMap()
                .module("conv_first", "conv_first")
                .module("trunk_conv", "conv_body")
                .module("HRconv", "conv_hr")
                .module("conv_last", "conv_last");
        for (int i = 1; i <= names.size(); i++) {
            map.module("upconv" + i, "conv_up" + i);
        }
        for (int i = 0; i < blocks; i++) {
            for (int j = 1; j <= 3; j++) {
                map.module("RRDB_trunk.%d.RDB%d".formatted(i, j), "body.%d.rdb%d".formatted(i, j));
            }
        }
        return map;
    }

    private static int doublings(Set<String> names) {
        int n = 0;
        while (names.contains("conv_up%d.weight".formatted(n + 1))) {
            n++;
        }
        return n;
    }

    /** The configuration of a network with these canonical names and shapes. */
    static JsonNode config(Map<String, List<Long>> shapes, String origin) {
        ObjectNode config = (ObjectNode) Json.parse("{}");
        if (shapes.containsKey("conv_first.weight")) {
            return config.put("_class_name", "RRDBNet")
                    .put("num_in_ch", size(shapes, "conv_first.weight", 1, origin))
                    .put("num_out_ch", size(shapes, "conv_last.weight", 0, origin))
                    .put("num_feat", size(shapes, "conv_first.weight", 0, origin))
                    .put("num_block", Layout.count(shapes.keySet(), "body.%d."))
                    .put("num_grow_ch", size(shapes, "body.0.rdb1.conv1.weight", 0, origin))
                    .put("num_up", doublings(shapes.keySet()));
        }
        int layers = Layout.count(shapes.keySet(), "body.%d.");
        long channels = size(shapes, "body.0.weight", 1, origin);
        long out = size(shapes, "body.%d.weight".formatted(layers - 1), 0, origin);
        long scale = Math.round(Math.sqrt((double) out / channels));
        if (scale * scale * channels != out || layers % 2 == 0) {
            throw new WeightsException(
                    "%s: enlarges [%d] channels to [%d] in [%d] layers: wanted a square of them after convolutions and slopes by turns"
                            .formatted(origin, channels, out, layers));
        }
        return config.put("_class_name", "SRVGGNetCompact")
                .put("num_in_ch", channels)
                .put("num_feat", size(shapes, "body.0.weight", 0, origin))
                .put("num_conv", (layers - 3) / 2)
                .put("upscale", scale);
    }

    private static long size(Map<String, List<Long>> shapes, String name, int dim, String origin) {
        List<Long> shape = shapes.get(name);
        if (shape == null || shape.size() <= dim) {
            throw new WeightsException(
                    "%s: cannot tell the shape of the upscaler: tensor [%s] is missing".formatted(origin, name));
        }
        return shape.get(dim);
    }
}
