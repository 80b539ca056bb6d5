package dev.latente.weights.layout;

import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A checkpoint of the original code, in which every model has its prefix, or one model without a prefix. */
final class SingleFile {
    /**
     * A model in a file.
     *
     * @param prefix of its names
     * @param mark a name below the prefix by which a model is known that has none, or shares it; empty where the prefix is enough
     */
    record Root(String prefix, String component, Layout layout, String mark) {}

    private static final String MMDIT = "joint_blocks.0.x_block.attn.qkv.weight";

    static final List<Root> ROOTS = List.of(
            new Root("model.diffusion_model.", "transformer", Layout.MMDIT, MMDIT),
            new Root("model.diffusion_model.", "transformer", Layout.FLUX, FluxNames.MARK),
            new Root("text_encoders.clip_l.transformer.", "text_encoder", Layout.CLIP, ""),
            new Root("text_encoders.clip_g.transformer.", "text_encoder_2", Layout.CLIP, ""),
            new Root("text_encoders.t5xxl.transformer.", "text_encoder_3", Layout.DIFFUSERS, ""),
            new Root("model.diffusion_model.", "unet", Layout.LDM_UNET, ""),
            new Root("first_stage_model.", "vae", Layout.LDM_VAE, ""),
            new Root("vae.", "vae", Layout.LDM_VAE, ""),
            new Root("cond_stage_model.transformer.", "text_encoder", Layout.CLIP, ""),
            new Root("cond_stage_model.model.", "text_encoder", Layout.OPEN_CLIP, ""),
            new Root("conditioner.embedders.0.transformer.", "text_encoder", Layout.CLIP, ""),
            new Root("conditioner.embedders.1.model.", "text_encoder_2", Layout.OPEN_CLIP, ""),
            new Root("conditioner.embedders.0.model.", "text_encoder_2", Layout.OPEN_CLIP, ""),
            new Root("control_model.", "controlnet", Layout.LDM_CONTROLNET, ""),
            new Root("", "controlnet", Layout.LDM_CONTROLNET, "zero_convs.0.0.weight"),
            new Root("", "controlnet", Layout.DIFFUSERS, "controlnet_mid_block.weight"),
            new Root("", "t2i_adapter", Layout.T2I_ADAPTER_LIGHT, "body.0.body.0.block1.weight"),
            new Root("", "t2i_adapter", Layout.T2I_ADAPTER, "body.0.block1.weight"),
            new Root("", "t2i_adapter", Layout.DIFFUSERS, "adapter.body.0.resnets.0.block1.weight"),
            new Root("", "transformer", Layout.MMDIT, MMDIT),
            new Root("", "transformer", Layout.FLUX, FluxNames.MARK),
            new Root("", "transformer", Layout.DIFFUSERS, "transformer_blocks.0.attn.add_q_proj.weight"),
            new Root("", "text_encoder_3", Layout.DIFFUSERS, "encoder.block.0.layer.0.SelfAttention.q.weight"),
            new Root("", "unet", Layout.LDM_UNET, "input_blocks.0.0.weight"),
            new Root("", "unet", Layout.DIFFUSERS, "down_blocks.0.resnets.0.conv1.weight"),
            new Root("", "vae", Layout.LDM_VAE, "decoder.mid.block_1.conv1.weight"),
            new Root("", "vae", Layout.DIFFUSERS_VAE, "decoder.mid_block.resnets.0.conv1.weight"),
            new Root("", "vae", Layout.DIFFUSERS, "decoder.layers.0.weight"),
            new Root("", "vae", Layout.TAESD_ENCODER, "1.conv.0.weight"),
            new Root("", "vae", Layout.TAESD_DECODER, "3.conv.0.weight"),
            new Root("", "text_encoder", Layout.CLIP, "text_model.embeddings.token_embedding.weight"),
            new Root("", UpscalerFiles.COMPONENT, Layout.DIFFUSERS, "body.0.rdb1.conv1.weight"),
            new Root("", UpscalerFiles.COMPONENT, Layout.DIFFUSERS, "body.0.weight"),
            new Root("", UpscalerFiles.COMPONENT, Layout.ESRGAN, "model.1.sub.0.RDB1.conv1.0.weight"),
            new Root("", UpscalerFiles.COMPONENT, Layout.RRDB_TRUNK, "RRDB_trunk.0.RDB1.conv1.weight"));

    /** Replacements that put the dots back into the names of a moving average, which was stored without them. */
    private static final String[][] EMA_DOTS = {
        {"^(input_blocks|output_blocks)(\\d+)(\\d)", "$1.$2.$3."},
        {"^(label_emb)(\\d)(\\d)", "$1.$2.$3."},
        {"^(middle_block|time_embed|out)(\\d)", "$1.$2."},
        {"(in_layers|emb_layers|out_layers)(\\d)", "$1.$2."},
        {"(transformer_blocks)(\\d+)", "$1.$2."},
        {"(attn[12]|norm[123])", "$1."},
        {"ffnet0proj", "ff.net.0.proj."},
        {"ffnet2", "ff.net.2."},
        {"to_out0", "to_out.0."},
        {"(skip_connection|conv|op|norm|proj_in|proj_out|to_[qkv])(?=transformer|weight|bias)", "$1."},
    };

    private final TensorFile file;
    private final Map<String, String> keys = new LinkedHashMap<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final Map<String, ComponentWeights> components = new LinkedHashMap<>();
    private final Map<String, Layout> layouts = new LinkedHashMap<>();

    /** @throws WeightsException if the file holds a tensor that belongs to no model */
    SingleFile(TensorFile file) {
        this.file = file;
        boolean averageOnly = file.keys().stream().noneMatch(k -> k.startsWith("model.diffusion_model."));
        file.keys().forEach(key -> keys.put(averageOnly ? averaged(key) : key, key));
        Map<Root, List<String>> names = new LinkedHashMap<>();
        List<Ignored.Rule> rules = Ignored.rules(keys.keySet());
        keys.forEach((name, key) -> {
            String reason = Ignored.reason(rules, name);
            if (reason != null) {
                ignored.add(new Ignored(key, reason));
                return;
            }
            names.computeIfAbsent(root(name, key), r -> new ArrayList<>()).add(name);
        });
        names.forEach(this::read);
    }

    private void read(Root root, List<String> names) {
        Set<String> relative = new LinkedHashSet<>();
        names.forEach(n -> relative.add(n.substring(root.prefix.length())));
        KeyMap map = root.layout.keys(relative);
        ComponentWeights weights = components.computeIfAbsent(root.component, c -> new ComponentWeights(file.path()));
        layouts.put(root.component, root.layout);
        for (String name : relative) {
            String key = key(root.prefix + name);
            KeyMap.Place place = map.ofStored(name);
            if (place == null) {
                throw new WeightsException(file.path(), key, "is no weight of a %s".formatted(root.component));
            }
            weights.add(file, key, place);
        }
    }

    private String key(String name) {
        return Objects.requireNonNull(keys.get(name));
    }

    /** Where the original code of a family keeps a model; null if it has none of that name. */
    static @Nullable Root root(String component, Family family) {
        String prefix = switch (family) {
            case SD1 -> component.equals("text_encoder") ? "cond_stage_model.transformer." : "";
            case SD2 -> component.equals("text_encoder") ? "cond_stage_model.model." : "";
            case SDXL -> component.startsWith("text_encoder") ? "conditioner.embedders." : "";
            case SDXL_REFINER -> component.equals("text_encoder_2") ? "conditioner.embedders.0." : "";
            case SD3, SD35 -> component.startsWith("text_encoder") ? "text_encoders." : "";
            case FLUX_DEV, FLUX_SCHNELL ->
                component.startsWith("text_encoder") ? "text_encoders." : component.equals("vae") ? "vae." : "";
        };
        Layout other = family.isFlux() ? Layout.MMDIT : Layout.FLUX; // whose transformer has the same prefix
        return ROOTS.stream()
                .filter(r -> r.component.equals(component) && !r.prefix.isEmpty() && r.prefix.startsWith(prefix))
                .filter(r -> r.layout != other)
                .findFirst()
                .orElse(null);
    }

    private Root root(String name, String key) {
        for (Root root : ROOTS) {
            if (name.startsWith(root.prefix) && (root.mark.isEmpty() || keys.containsKey(root.prefix + root.mark))) {
                return root;
            }
        }
        throw new WeightsException(file.path(), key, "belongs to no model of a Stable Diffusion checkpoint");
    }

    /** The name of the weight of which this is the average; the name itself if it is none. */
    private static String averaged(String key) {
        String prefix = "model_ema.diffusion_model";
        if (!key.startsWith(prefix)) {
            return key;
        }
        String name = key.substring(prefix.length());
        if (name.startsWith(".")) {
            return "model.diffusion_model" + name;
        }
        for (String[] dots : EMA_DOTS) {
            name = name.replaceAll(dots[0], dots[1]);
        }
        return "model.diffusion_model." + name;
    }

    Map<String, ComponentWeights> components() {
        return components;
    }

    /** The configuration that the shapes of a model and its layout tell. */
    JsonNode config(String component, Family family) {
        ConfigDetection detection = detection(component);
        return switch (component) {
            case "unet" -> detection.unet(pooledSize());
            case "transformer" -> detection.isFlux() ? detection.flux() : detection.transformer();
            case "text_encoder_3" -> detection.t5();
            case "controlnet" -> detection.controlNet();
            case "t2i_adapter" -> detection.t2iAdapter();
            case "vae" -> detection.isTiny() ? detection.tiny() : detection.vae(family);
            case UpscalerFiles.COMPONENT ->
                UpscalerFiles.config(shapes(component), file.path().toString());
            default -> detection.clip(layouts.get(component) == Layout.OPEN_CLIP || component.equals("text_encoder_2"));
        };
    }

    private ConfigDetection detection(String component) {
        return new ConfigDetection(shapes(component), file.path().toString());
    }

    private Map<String, List<Long>> shapes(String component) {
        return Objects.requireNonNull(components.get(component)).shapes();
    }

    private long pooledSize() {
        ComponentWeights second = components.get("text_encoder_2");
        List<Long> projection = second == null ? null : second.shapes().get("text_projection.weight");
        return projection == null ? 1280 : projection.get(0);
    }

    List<Ignored> ignored() {
        return ignored;
    }

    /** The prediction type that the file or its family's habits tell; null if neither does. */
    @Nullable
    String predictionType() {
        String spec = file.metadata().getOrDefault("modelspec.prediction_type", "");
        if (!spec.isEmpty()) {
            return spec.startsWith("v") ? "v_prediction" : "epsilon";
        }
        return keys.containsKey("v_pred") ? "v_prediction" : null;
    }

    boolean zeroTerminalSnr() {
        return keys.containsKey("ztsnr");
    }
}
