package dev.latente.weights.layout;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config.json} of a model, from the canonical names and shapes of its weights. What shapes do not tell (heads,
 * groups, activations, the scale of latents) is what the published models of the family have.
 */
final class ConfigDetection {
    private final Map<String, List<Long>> shapes;
    private final String origin;

    ConfigDetection(Map<String, List<Long>> shapes, String origin) {
        this.shapes = shapes;
        this.origin = origin;
    }

    /** @param pooled size of the pooled text embedding that SDXL adds to the timestep */
    JsonNode unet(long pooled) {
        ObjectNode config = unet("UNet2DConditionModel", pooled);
        return config.put("out_channels", size("conv_out.weight", 0)).put("sample_size", Family.of(config).sampleSize);
    }

    JsonNode controlNet() {
        ObjectNode config = unet("ControlNetModel", 1280);
        config.remove("up_block_types");
        String embedding = "controlnet_cond_embedding.";
        List<Long> channels = new ArrayList<>(List.of(size(embedding + "conv_in.weight", 0)));
        for (int i = 1; has("%sblocks.%d.weight".formatted(embedding, i)); i += 2) {
            channels.add(size("%sblocks.%d.weight".formatted(embedding, i), 0));
        }
        config.put("conditioning_channels", size(embedding + "conv_in.weight", 1))
                .set("conditioning_embedding_out_channels", numbers(channels));
        return config;
    }

    JsonNode t2iAdapter() {
        ObjectNode config = (ObjectNode) Json.parse("{\"_class_name\": \"T2IAdapter\"}");
        boolean light = has("adapter.body.0.out_conv.weight");
        int blocks = Layout.count(shapes.keySet(), "adapter.body.%d.");
        List<Long> channels = new ArrayList<>();
        for (int i = 0; i < (light ? blocks - 1 : blocks); i++) {
            String last = light ? "adapter.body.%d.out_conv.weight" : "adapter.body.%d.resnets.0.block1.weight";
            channels.add(size(last.formatted(i), 0));
        }
        // Squares of 8 or 16 pixels, in colour or gray.
        long unshuffled = size(light ? "adapter.body.0.in_conv.weight" : "adapter.conv_in.weight", 1);
        long colours = unshuffled % 3 == 0 ? 3 : 1;
        long factor = Math.round(Math.sqrt((double) unshuffled / colours));
        config.put("adapter_type", light ? "light_adapter" : factor == 16 ? "full_adapter_xl" : "full_adapter")
                .put("in_channels", colours)
                .put("downscale_factor", factor)
                .put("num_res_blocks", Layout.count(shapes.keySet(), "adapter.body.0.resnets.%d."))
                .set("channels", numbers(channels));
        return config;
    }

    private ObjectNode unet(String type, long pooled) {
        ObjectNode config = (ObjectNode) Json.parse("{}");
        config.put("_class_name", type);
        List<Long> channels = new ArrayList<>();
        List<String> downTypes = new ArrayList<>();
        List<String> upTypes = new ArrayList<>();
        List<Long> depths = new ArrayList<>();
        List<Long> resnets = new ArrayList<>();
        ArrayNode onlyCross = (ArrayNode) Json.parse("[]");
        int levels = Layout.count(shapes.keySet(), "down_blocks.%d.");
        for (int i = 0; i < levels; i++) {
            String down = "down_blocks." + i;
            channels.add(size(down + ".resnets.0.conv1.weight", 0));
            boolean attention = has(down + ".attentions.0.norm.weight");
            downTypes.add(attention ? "CrossAttnDownBlock2D" : "DownBlock2D");
            upTypes.add(has("up_blocks." + i + ".attentions.0.norm.weight") ? "CrossAttnUpBlock2D" : "UpBlock2D");
            resnets.add((long) Layout.count(shapes.keySet(), down + ".resnets.%d."));
            String key = down + ".attentions.0.transformer_blocks.0.attn1.to_k.weight";
            onlyCross.add(has(key) && size(key, 1) != size(key, 0));
            depths.add(attention ? depth(down) : i == levels - 1 ? depth("mid_block") : 1L);
        }
        boolean linear = shape("mid_block.attentions.0.proj_in.weight").size() == 2;
        long context = size("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", 1);
        config.put("in_channels", size("conv_in.weight", 1));
        config.set("block_out_channels", numbers(channels));
        config.set("down_block_types", texts(downTypes));
        config.set("up_block_types", texts(upTypes));
        config.set("layers_per_block", numbers(resnets));
        config.set("transformer_layers_per_block", numbers(depths));
        config.set("only_cross_attention", onlyCross);
        config.put("cross_attention_dim", context).put("use_linear_projection", linear);
        config.put("norm_num_groups", groups(channels));
        boolean classes = has("class_embedding.weight");
        if (linear && !classes) {
            config.set(
                    "attention_head_dim",
                    numbers(channels.stream().map(c -> heads(c)).toList()));
        } else {
            config.put("attention_head_dim", 8);
        }
        if (has("time_embedding.cond_proj.weight")) {
            config.put("time_cond_proj_dim", size("time_embedding.cond_proj.weight", 1));
        }
        if (classes) {
            config.put("num_class_embeds", size("class_embedding.weight", 0));
        }
        if (has("add_embedding.linear_1.weight")) {
            // Beside the pooled embedding SDXL adds six numbers, and its refiner five.
            config.put("addition_embed_type", "text_time");
            long numbers = Family.of(config) == Family.SDXL ? 6 : 5;
            long projected = size("add_embedding.linear_1.weight", 1);
            config.put("projection_class_embeddings_input_dim", projected)
                    .put("addition_time_embed_dim", (projected - pooled) / numbers);
        }
        return config;
    }

    boolean isTiny() {
        return shapes.keySet().stream().allMatch(name -> name.matches("(en|de)coder\\.layers\\..*"));
    }

    /** An autoencoder of numbered layers. */
    JsonNode tiny() {
        ObjectNode config = (ObjectNode) Json.parse("{\"_class_name\": \"AutoencoderTiny\", \"act_fn\": \"relu\"}");
        long channels = size("decoder.layers.0.weight", 0); // an encoder alone is refused here
        // After the decoder's first convolution stands an activation, and before each later level a doubling.
        List<Long> decoder = blocks("decoder.layers.", 2, 2);
        List<Long> encoder = has("encoder.layers.0.weight") ? blocks("encoder.layers.", 1, 1) : List.of();
        long last = decoder.stream().mapToLong(n -> n).sum() + 2L * decoder.size();
        config.put("in_channels", encoder.isEmpty() ? 3 : size("encoder.layers.0.weight", 1))
                .put("out_channels", size("decoder.layers.%d.weight".formatted(last), 0))
                .put("latent_channels", size("decoder.layers.0.weight", 1));
        config.set("num_encoder_blocks", numbers(encoder));
        config.set("num_decoder_blocks", numbers(decoder));
        config.set("encoder_block_out_channels", numbers(Collections.nCopies(encoder.size(), channels)));
        config.set("decoder_block_out_channels", numbers(Collections.nCopies(decoder.size(), channels)));
        return config;
    }

    /** How many residual blocks each level has, with so many layers before the first and between two. */
    private List<Long> blocks(String layers, int before, int between) {
        List<Long> blocks = new ArrayList<>();
        int at = before;
        do {
            long n = 0;
            for (; has("%s%d.conv.0.weight".formatted(layers, at)); at++) {
                n++;
            }
            blocks.add(n);
            at += between;
        } while (has("%s%d.conv.0.weight".formatted(layers, at)));
        return blocks;
    }

    JsonNode vae(Family family) {
        ObjectNode config = (ObjectNode) Json.parse("{\"_class_name\": \"AutoencoderKL\", \"act_fn\": \"silu\"}");
        List<Long> channels = new ArrayList<>();
        int levels = Layout.count(shapes.keySet(), "encoder.down_blocks.%d.");
        for (int i = 0; i < levels; i++) {
            channels.add(size("encoder.down_blocks." + i + ".resnets.0.conv1.weight", 0));
        }
        config.put("in_channels", size("encoder.conv_in.weight", 1))
                .put("out_channels", size("decoder.conv_out.weight", 0))
                .put("latent_channels", size("decoder.conv_in.weight", 1))
                .put("layers_per_block", Layout.count(shapes.keySet(), "encoder.down_blocks.0.resnets.%d."))
                .put("norm_num_groups", groups(channels))
                .put("sample_size", 8 * family.sampleSize)
                .put("scaling_factor", family.scalingFactor)
                .put("shift_factor", family.shiftFactor())
                .put("force_upcast", true)
                .put("mid_block_add_attention", has("decoder.mid_block.attentions.0.to_q.weight"))
                .put("use_quant_conv", has("quant_conv.weight"))
                .put("use_post_quant_conv", has("post_quant_conv.weight"));
        config.set("block_out_channels", numbers(channels));
        config.set("down_block_types", texts(Collections.nCopies(levels, "DownEncoderBlock2D")));
        config.set("up_block_types", texts(Collections.nCopies(levels, "UpDecoderBlock2D")));
        return config;
    }

    /** The transformer of Stable Diffusion 3. */
    JsonNode transformer() {
        ObjectNode config = (ObjectNode) Json.parse("{\"_class_name\": \"SD3Transformer2DModel\"}");
        String norm = "transformer_blocks.0.attn.norm_q.weight";
        String table = "pos_embed.pos_embed";
        long size = size("pos_embed.proj.weight", 0);
        long patch = size("pos_embed.proj.weight", 2);
        long head = has(norm) ? size(norm, 0) : size / heads(size);
        int layers = Layout.count(shapes.keySet(), "transformer_blocks.%d.");
        List<Long> dual = LongStream.range(0, layers)
                .filter(i -> has("transformer_blocks.%d.attn2.to_q.weight".formatted(i)))
                .boxed()
                .toList();
        config.put("sample_size", Family.SD3.sampleSize)
                .put("patch_size", patch)
                .put("in_channels", size("pos_embed.proj.weight", 1))
                .put("out_channels", size("proj_out.weight", 0) / (patch * patch))
                .put("num_layers", layers)
                .put("attention_head_dim", head)
                .put("num_attention_heads", size / head)
                .put("joint_attention_dim", size("context_embedder.weight", 1))
                .put("caption_projection_dim", size)
                .put("pooled_projection_dim", size("time_text_embed.text_embedder.linear_1.weight", 1))
                .put("pos_embed_max_size", Math.round(Math.sqrt((double) size(table, 1))))
                .put("qk_norm", has(norm) ? "rms_norm" : null)
                .set("dual_attention_layers", numbers(dual));
        return config;
    }

    boolean isFlux() {
        return has("x_embedder.weight");
    }

    /** The transformer of Flux.1. */
    JsonNode flux() {
        ObjectNode config = (ObjectNode) Json.parse("{\"_class_name\": \"FluxTransformer2DModel\", \"patch_size\": 1}");
        long size = size("x_embedder.weight", 0);
        long head = size("transformer_blocks.0.attn.norm_q.weight", 0);
        // As published: an eighth tells the index, and the rest by halves row and column; all must be even.
        long index = Math.max(4, head / 8);
        config.put("in_channels", size("x_embedder.weight", 1))
                .put("out_channels", size("proj_out.weight", 0))
                .put("num_layers", Layout.count(shapes.keySet(), "transformer_blocks.%d."))
                .put("num_single_layers", Layout.count(shapes.keySet(), "single_transformer_blocks.%d."))
                .put("attention_head_dim", head)
                .put("num_attention_heads", size / head)
                .put("joint_attention_dim", size("context_embedder.weight", 1))
                .put("pooled_projection_dim", size("time_text_embed.text_embedder.linear_1.weight", 1))
                .put("guidance_embeds", has("time_text_embed.guidance_embedder.linear_1.weight"))
                .set("axes_dims_rope", numbers(List.of(index, (head - index) / 2, (head - index) / 2)));
        return config;
    }

    /** The encoder of a T5 of version 1.1 and later, whose feed forward has a gate, or of an older one. */
    JsonNode t5() {
        ObjectNode config = (ObjectNode) Json.parse("{\"model_type\": \"t5\", \"layer_norm_epsilon\": 1e-6}");
        String attention = "encoder.block.0.layer.0.SelfAttention.";
        String feedForward = "encoder.block.0.layer.1.DenseReluDense.";
        long heads = size(attention + "relative_attention_bias.weight", 1);
        boolean gated = has(feedForward + "wi_0.weight");
        config.put("vocab_size", size("shared.weight", 0))
                .put("d_model", size("shared.weight", 1))
                .put("d_kv", size(attention + "q.weight", 0) / heads)
                .put("d_ff", size(feedForward + "wo.weight", 1))
                .put("num_layers", Layout.count(shapes.keySet(), "encoder.block.%d."))
                .put("num_heads", heads)
                .put("feed_forward_proj", gated ? "gated-gelu" : "relu")
                .put("relative_attention_num_buckets", size(attention + "relative_attention_bias.weight", 0))
                .put("relative_attention_max_distance", 128);
        config.set("architectures", texts(List.of("T5EncoderModel")));
        return config;
    }

    /** @param openClip whether it is certain that it is not OpenAI's, the largest of which has states of 768 */
    JsonNode clip(boolean openClip) {
        long size = size("text_model.embeddings.token_embedding.weight", 1);
        boolean projected = has("text_projection.weight");
        ObjectNode config = (ObjectNode) Json.parse("{\"model_type\": \"clip_text_model\", \"layer_norm_eps\": 1e-5}");
        config.put("hidden_act", openClip || size > 768 ? "gelu" : "quick_gelu")
                .put("vocab_size", size("text_model.embeddings.token_embedding.weight", 0))
                .put("hidden_size", size)
                .put("intermediate_size", size("text_model.encoder.layers.0.mlp.fc1.weight", 0))
                .put("num_hidden_layers", Layout.count(shapes.keySet(), "text_model.encoder.layers.%d."))
                .put("num_attention_heads", heads(size))
                .put("max_position_embeddings", size("text_model.embeddings.position_embedding.weight", 0))
                .put("eos_token_id", 2)
                .put("projection_dim", projected ? size("text_projection.weight", 0) : size);
        config.set("architectures", texts(List.of(projected ? "CLIPTextModelWithProjection" : "CLIPTextModel")));
        return config;
    }

    private long depth(String block) {
        return Layout.count(shapes.keySet(), block + ".attentions.0.transformer_blocks.%d.");
    }

    /** Heads of 64 channels, as in every published model but the U-Net of SD1. */
    private static long heads(long channels) {
        return Math.max(1, channels / 64);
    }

    /** 32 groups, as in every published model; fewer where they do not divide the channels. */
    private static long groups(List<Long> channels) {
        return channels.stream()
                .map(BigInteger::valueOf)
                .reduce(BigInteger.valueOf(32), BigInteger::gcd)
                .longValue();
    }

    private boolean has(String name) {
        return shapes.containsKey(name);
    }

    private long size(String name, int dim) {
        return shape(name).get(dim);
    }

    private List<Long> shape(String name) {
        List<Long> shape = shapes.get(name);
        if (shape == null) {
            throw new WeightsException(
                    "%s: cannot tell the shape of the model: tensor [%s] is missing".formatted(origin, name));
        }
        return shape;
    }

    private static ArrayNode numbers(List<Long> values) {
        ArrayNode list = (ArrayNode) Json.parse("[]");
        values.forEach(list::add);
        return list;
    }

    private static ArrayNode texts(List<String> values) {
        ArrayNode list = (ArrayNode) Json.parse("[]");
        values.forEach(list::add);
        return list;
    }
}
