package dev.latente.weights.layout;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the original code of Flux.1 (black-forest-labs/flux) calls the weights of its transformer. */
final class FluxNames {
    /** A name by which the transformer is known. */
    static final String MARK = "double_blocks.0.img_attn.qkv.weight";

    private static final String ENDS = """
            img_in x_embedder
            txt_in context_embedder
            time_in.in_layer time_text_embed.timestep_embedder.linear_1
            time_in.out_layer time_text_embed.timestep_embedder.linear_2
            guidance_in.in_layer time_text_embed.guidance_embedder.linear_1
            guidance_in.out_layer time_text_embed.guidance_embedder.linear_2
            vector_in.in_layer time_text_embed.text_embedder.linear_1
            vector_in.out_layer time_text_embed.text_embedder.linear_2
            final_layer.linear proj_out""";
    private static final String DOUBLE_BLOCK = """
            img_mod.lin norm1.linear
            img_attn.proj attn.to_out.0
            img_mlp.0 ff.net.0.proj
            img_mlp.2 ff.net.2
            txt_mod.lin norm1_context.linear
            txt_attn.proj attn.to_add_out
            txt_mlp.0 ff_context.net.0.proj
            txt_mlp.2 ff_context.net.2""";
    private static final String SINGLE_BLOCK = """
            modulation.lin norm.linear
            linear2 proj_out""";

    private FluxNames() {}

    static KeyMap keys(Set<String> names) {
        KeyMap map = new KeyMap().prefix("final_layer.adaLN_modulation.1.", "norm_out.linear.", Shaping.SWAP);
        ENDS.lines().map(line -> line.split(" ")).forEach(pair -> map.module(pair[0], pair[1]));
        int doubles = Math.max(Layout.count(names, "double_blocks.%d."), Layout.count(names, "transformer_blocks.%d."));
        for (int i = 0; i < doubles; i++) {
            String stored = "double_blocks." + i;
            String canonical = "transformer_blocks." + i;
            map.modules(stored, canonical, DOUBLE_BLOCK);
            norms(map, stored + ".img_attn.norm.", canonical + ".attn.norm_");
            norms(map, stored + ".txt_attn.norm.", canonical + ".attn.norm_added_");
            fused(map, stored + ".img_attn.qkv.", canonical + ".attn.", Shaping.FUSE, "to_q.", "to_k.", "to_v.");
            fused(
                    map,
                    stored + ".txt_attn.qkv.",
                    canonical + ".attn.",
                    Shaping.FUSE,
                    "add_q_proj.",
                    "add_k_proj.",
                    "add_v_proj.");
        }
        int singles = Math.max(
                Layout.count(names, "single_blocks.%d."), Layout.count(names, "single_transformer_blocks.%d."));
        for (int i = 0; i < singles; i++) {
            String stored = "single_blocks." + i;
            String canonical = "single_transformer_blocks." + i;
            map.modules(stored, canonical, SINGLE_BLOCK);
            norms(map, stored + ".norm.", canonical + ".attn.norm_");
            fused(
                    map,
                    stored + ".linear1.",
                    canonical + ".",
                    Shaping.FUSE_WITH_PERCEPTRON,
                    "attn.to_q.",
                    "attn.to_k.",
                    "attn.to_v.",
                    "proj_mlp.");
        }
        return map;
    }

    private static void norms(KeyMap map, String stored, String canonical) {
        map.prefix(stored + "query_norm.scale", canonical + "q.weight", Shaping.COPY)
                .prefix(stored + "key_norm.scale", canonical + "k.weight", Shaping.COPY);
    }

    private static void fused(KeyMap map, String stored, String canonical, Shaping shaping, String... parts) {
        List<String> names = Stream.of(parts).map(part -> canonical + part).toList();
        map.rule(new KeyMap.Place(stored, names, shaping));
    }
}
