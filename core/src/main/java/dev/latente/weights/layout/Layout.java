package dev.latente.weights.layout;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The ways in which the weights of one model are named. The tables are those of the original code's modules
 * (CompVis/stable-diffusion, openai/CLIP, mlfoundations/open_clip, Stability-AI/sd3.5, black-forest-labs/flux) beside diffusers' and transformers'.
 */
enum Layout {
    /** diffusers' names as they are. */
    DIFFUSERS,
    /** diffusers' autoencoder, whose attention was named otherwise before version 0.18. */
    DIFFUSERS_VAE,
    /** transformers' CLIP text model, with or without {@code text_model.} before the names. */
    CLIP,
    OPEN_CLIP,
    LDM_UNET,
    LDM_VAE,
    /** Stability-AI/sd3.5: the transformer of Stable Diffusion 3. */
    MMDIT,
    /** black-forest-labs/flux: the transformer of Flux.1. */
    FLUX,
    /** lllyasviel/ControlNet: half a U-Net and what it is fed with. */
    LDM_CONTROLNET,
    /** TencentARC/T2I-Adapter: residual blocks in one row, or in a light adapter in the bodies of bodies. */
    T2I_ADAPTER,
    T2I_ADAPTER_LIGHT,
    /** madebyollin/taesd: the halves of a tiny autoencoder in files of their own, whose layers are numbered from 0 and from 1. */
    TAESD_ENCODER,
    TAESD_DECODER,
    /** BasicSR before 2020: a network that enlarges pictures, of numbered modules. */
    ESRGAN,
    /** xinntao/ESRGAN: the same network. */
    RRDB_TRUNK;

    private static final String LDM_RESNET = """
            in_layers.0 norm1
            in_layers.2 conv1
            emb_layers.1 time_emb_proj
            out_layers.0 norm2
            out_layers.3 conv2
            skip_connection conv_shortcut""";
    private static final String LDM_UNET_ENDS = """
            time_embed.0 time_embedding.linear_1
            time_embed.2 time_embedding.linear_2
            time_embed.cond_proj time_embedding.cond_proj
            label_emb.0.0 add_embedding.linear_1
            label_emb.0.2 add_embedding.linear_2
            label_emb class_embedding
            input_blocks.0.0 conv_in
            out.0 conv_norm_out
            out.2 conv_out""";
    private static final String LDM_VAE_ENDS = """
            conv_in conv_in
            norm_out conv_norm_out
            conv_out conv_out
            mid.block_1 mid_block.resnets.0
            mid.block_2 mid_block.resnets.1
            mid.attn_1.norm mid_block.attentions.0.group_norm""";
    private static final String MMDIT_ENDS = """
            x_embedder.proj pos_embed.proj
            t_embedder.mlp.0 time_text_embed.timestep_embedder.linear_1
            t_embedder.mlp.2 time_text_embed.timestep_embedder.linear_2
            y_embedder.mlp.0 time_text_embed.text_embedder.linear_1
            y_embedder.mlp.2 time_text_embed.text_embedder.linear_2
            context_embedder context_embedder
            final_layer.linear proj_out""";
    private static final String MMDIT_BLOCK = """
            x_block.adaLN_modulation.1 norm1.linear
            x_block.attn.proj attn.to_out.0
            x_block.attn.ln_q attn.norm_q
            x_block.attn.ln_k attn.norm_k
            x_block.attn2.proj attn2.to_out.0
            x_block.attn2.ln_q attn2.norm_q
            x_block.attn2.ln_k attn2.norm_k
            x_block.mlp.fc1 ff.net.0.proj
            x_block.mlp.fc2 ff.net.2
            context_block.adaLN_modulation.1 norm1_context.linear
            context_block.attn.proj attn.to_add_out
            context_block.attn.ln_q attn.norm_added_q
            context_block.attn.ln_k attn.norm_added_k
            context_block.mlp.fc1 ff_context.net.0.proj
            context_block.mlp.fc2 ff_context.net.2""";
    private static final String[][] VAE_ATTENTION = {
        {"q", "query", "to_q"}, {"k", "key", "to_k"}, {"v", "value", "to_v"}, {"proj_out", "proj_attn", "to_out.0"}
    };
    private static final String OPEN_CLIP_LAYER = """
            ln_1 layer_norm1
            ln_2 layer_norm2
            mlp.c_fc mlp.fc1
            mlp.c_proj mlp.fc2
            attn.out_proj self_attn.out_proj""";

    /** The map between this layout and the canonical one for a model with these names, given in either. */
    KeyMap keys(Set<String> names) {
        return switch (this) {
            case DIFFUSERS -> new KeyMap().prefix("", "", Shaping.COPY);
            case DIFFUSERS_VAE -> diffusersVae();
            case CLIP -> clip();
            case OPEN_CLIP -> openClip(names);
            case LDM_UNET -> ldmUnet(names);
            case LDM_VAE -> ldmVae(names);
            case MMDIT -> mmdit(names);
            case FLUX -> FluxNames.keys(names);
            case LDM_CONTROLNET -> ldmControlNet(names);
            case T2I_ADAPTER -> t2iAdapter(names);
            case T2I_ADAPTER_LIGHT -> t2iAdapterLight(names);
            case TAESD_ENCODER -> new KeyMap().prefix("", "encoder.layers.", Shaping.COPY);
            case TAESD_DECODER -> taesdDecoder(names);
            case ESRGAN -> UpscalerFiles.esrgan(names);
            case RRDB_TRUNK -> UpscalerFiles.rrdbTrunk(names);
        };
    }

    private static KeyMap diffusersVae() {
        KeyMap map = new KeyMap().prefix("", "", Shaping.COPY);
        for (String half : List.of("encoder", "decoder")) {
            String attention = half + ".mid_block.attentions.0.";
            for (String[] names : VAE_ATTENTION) {
                map.alias(attention + names[1] + ".", attention + names[2] + ".", Shaping.POINTWISE);
                map.alias(attention + names[2] + ".", attention + names[2] + ".", Shaping.POINTWISE);
            }
        }
        return map;
    }

    private static KeyMap clip() {
        KeyMap map = new KeyMap().module("text_model", "text_model").module("text_projection", "text_projection");
        for (String part : List.of("embeddings.", "encoder.", "final_layer_norm.")) {
            map.alias(part, "text_model." + part, Shaping.COPY);
        }
        return map;
    }

    private static KeyMap openClip(Set<String> names) {
        KeyMap map = new KeyMap()
                .prefix("positional_embedding", "text_model.embeddings.position_embedding.weight", Shaping.COPY)
                .module("token_embedding", "text_model.embeddings.token_embedding")
                .module("ln_final", "text_model.final_layer_norm")
                .prefix("text_projection", "text_projection.weight", Shaping.TRANSPOSE)
                .alias("text_projection.weight", "text_projection.weight", Shaping.COPY);
        int layers = Math.max(count(names, "transformer.resblocks.%d."), count(names, "text_model.encoder.layers.%d."));
        for (int i = 0; i < layers; i++) {
            String block = "transformer.resblocks." + i;
            String layer = "text_model.encoder.layers." + i;
            String attention = layer + ".self_attn.";
            map.modules(block, layer, OPEN_CLIP_LAYER);
            fused(map, block + ".attn.in_proj_", attention, "q_proj.", "k_proj.", "v_proj.");
        }
        return map;
    }

    private static KeyMap ldmVae(Set<String> names) {
        KeyMap map = new KeyMap().module("quant_conv", "quant_conv").module("post_quant_conv", "post_quant_conv");
        int levels = Math.max(count(names, "decoder.up.%d."), count(names, "decoder.up_blocks.%d."));
        for (String half : List.of("encoder", "decoder")) {
            map.modules(half, half, LDM_VAE_ENDS);
            for (String[] row : VAE_ATTENTION) {
                map.prefix(
                        "%s.mid.attn_1.%s.".formatted(half, row[0]),
                        "%s.mid_block.attentions.0.%s.".formatted(half, row[2]),
                        Shaping.POINTWISE);
            }
        }
        for (int i = 0; i < levels; i++) {
            level(map, "encoder.down." + i, "encoder.down_blocks." + i, "downsample");
            level(map, "decoder.up." + (levels - 1 - i), "decoder.up_blocks." + i, "upsample");
        }
        return map;
    }

    private static void level(KeyMap map, String stored, String canonical, String resize) {
        map.module(stored + ".block", canonical + ".resnets")
                // Channels change in the first block of a level only.
                .module(stored + ".block.0.nin_shortcut", canonical + ".resnets.0.conv_shortcut")
                .module(stored + "." + resize, canonical + "." + resize + "rs.0");
    }

    private static KeyMap ldmUnet(Set<String> names) {
        KeyMap map = new KeyMap();
        LDM_UNET_ENDS.lines().map(line -> line.split(" ")).forEach(pair -> map.module(pair[0], pair[1]));
        map.modules("middle_block.0", "mid_block.resnets.0", LDM_RESNET)
                .module("middle_block.1", "mid_block.attentions.0")
                .modules("middle_block.2", "mid_block.resnets.1", LDM_RESNET);
        List<Integer> levels = levels(names);
        int n = 1;
        for (int i = 0; i < levels.size(); i++) {
            String block = "down_blocks." + i;
            for (int j = 0; j < levels.get(i); j++, n++) {
                pair(map, "input_blocks." + n, block, j);
            }
            map.module("input_blocks.%d.0.op".formatted(n), block + ".downsamplers.0.conv");
            n++;
        }
        n = 0;
        for (int i = 0; i < levels.size(); i++) {
            String block = "up_blocks." + i;
            for (int j = 0; j <= levels.get(levels.size() - 1 - i); j++, n++) {
                pair(map, "output_blocks." + n, block, j);
            }
            // The upsampler comes after the last transformer, where there is one.
            String last = "output_blocks." + (n - 1);
            boolean attention =
                    names.contains(last + ".1.norm.weight") || names.contains(block + ".attentions.0.norm.weight");
            map.module("%s.%d.conv".formatted(last, attention ? 2 : 1), block + ".upsamplers.0.conv");
        }
        return map;
    }

    private static KeyMap ldmControlNet(Set<String> names) {
        KeyMap map = ldmUnet(names).module("middle_block_out.0", "controlnet_mid_block");
        int blocks = Math.max(count(names, "zero_convs.%d."), count(names, "controlnet_down_blocks.%d."));
        for (int i = 0; i < blocks; i++) {
            map.module("zero_convs.%d.0".formatted(i), "controlnet_down_blocks." + i);
        }
        // Every second module is an activation.
        int hints = count(names, "controlnet_cond_embedding.blocks.%d.");
        while (startsWith(names, "input_hint_block.%d.".formatted(2 * (hints + 2)))) {
            hints++;
        }
        map.module("input_hint_block.0", "controlnet_cond_embedding.conv_in");
        for (int i = 0; i < hints; i++) {
            map.module("input_hint_block." + (2 * i + 2), "controlnet_cond_embedding.blocks." + i);
        }
        return map.module("input_hint_block." + (2 * hints + 2), "controlnet_cond_embedding.conv_out");
    }

    private static KeyMap mmdit(Set<String> names) {
        KeyMap map = new KeyMap()
                .prefix("pos_embed", "pos_embed.pos_embed", Shaping.COPY)
                .prefix("final_layer.adaLN_modulation.1.", "norm_out.linear.", Shaping.SWAP);
        MMDIT_ENDS.lines().map(line -> line.split(" ")).forEach(pair -> map.module(pair[0], pair[1]));
        int layers = Math.max(count(names, "joint_blocks.%d."), count(names, "transformer_blocks.%d."));
        for (int i = 0; i < layers; i++) {
            String stored = "joint_blocks.%d.".formatted(i);
            String canonical = "transformer_blocks.%d.".formatted(i);
            if (i == layers - 1) { // its text ends here: it is normalised, as at the end, and not gated
                map.prefix(
                        stored + "context_block.adaLN_modulation.1.",
                        canonical + "norm1_context.linear.",
                        Shaping.SWAP);
            }
            map.modules("joint_blocks." + i, "transformer_blocks." + i, MMDIT_BLOCK);
            fused(map, stored + "x_block.attn.qkv.", canonical + "attn.", "to_q.", "to_k.", "to_v.");
            fused(map, stored + "x_block.attn2.qkv.", canonical + "attn2.", "to_q.", "to_k.", "to_v.");
            fused(
                    map,
                    stored + "context_block.attn.qkv.",
                    canonical + "attn.",
                    "add_q_proj.",
                    "add_k_proj.",
                    "add_v_proj.");
        }
        return map;
    }

    private static void fused(KeyMap map, String stored, String canonical, String... parts) {
        List<String> names = Stream.of(parts).map(part -> canonical + part).toList();
        map.rule(new KeyMap.Place(stored, names, Shaping.FUSE));
    }

    private static KeyMap t2iAdapter(Set<String> names) {
        KeyMap map = new KeyMap().module("conv_in", "adapter.conv_in");
        int count = count(names, "body.%d.");
        // Channels first change in the first residual block of the second resolution.
        int each = 1;
        while (each < count && !names.contains("body.%d.in_conv.weight".formatted(each))) {
            each++;
        }
        for (int i = 0; i < count; i++) {
            String block = "adapter.body." + i / each;
            map.module("body.%d.in_conv".formatted(i), block + ".in_conv");
            for (String conv : List.of("block1", "block2")) {
                map.module("body.%d.%s".formatted(i, conv), "%s.resnets.%d.%s".formatted(block, i % each, conv));
            }
        }
        return map;
    }

    private static KeyMap t2iAdapterLight(Set<String> names) {
        KeyMap map = new KeyMap().module("body", "adapter.body");
        for (int i = 0; i < count(names, "body.%d."); i++) {
            map.module("body.%d.body".formatted(i), "adapter.body.%d.resnets".formatted(i));
        }
        return map;
    }

    private static KeyMap taesdDecoder(Set<String> names) {
        KeyMap map = new KeyMap();
        // The first layer limits the latents and has no weights; no more than every second layer has none.
        for (int i = 1; i <= 2 * names.size(); i++) {
            map.module(Integer.toString(i), "decoder.layers." + (i - 1));
        }
        return map;
    }

    private static void pair(KeyMap map, String stored, String block, int j) {
        map.modules(stored + ".0", "%s.resnets.%d".formatted(block, j), LDM_RESNET)
                .module(stored + ".1", "%s.attentions.%d".formatted(block, j));
    }

    /** How many residual blocks each level on the way down has. */
    private static List<Integer> levels(Set<String> names) {
        List<Integer> levels = new ArrayList<>();
        for (int i = 0, n; (n = count(names, "down_blocks." + i + ".resnets.%d.")) > 0; i++) {
            levels.add(n);
        }
        int blocks = count(names, "input_blocks.%d.");
        for (int i = 1, n = 0; i < blocks; i++) {
            boolean downsampler = names.contains("input_blocks.%d.0.op.weight".formatted(i));
            n += downsampler ? 0 : 1;
            if (downsampler || i == blocks - 1) {
                levels.add(n);
                n = 0;
            }
        }
        return levels;
    }

    /** How many consecutive numbers from 0 on occur in the place of {@code %d}. */
    static int count(Set<String> names, String pattern) {
        int n = 0;
        while (startsWith(names, pattern.formatted(n))) {
            n++;
        }
        return n;
    }

    private static boolean startsWith(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }
}
