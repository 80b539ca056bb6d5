package dev.latente.weights.lora;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a tensor of an adapter file, taken apart.
 *
 * @param model unet, transformer, text_encoder, text_encoder_2, text_encoder_3
 * @param layer the path of the layer, with dots or underscores, in the names of whoever wrote the file
 * @param part which of the layer's tensors it is, such as {@code lora_A} or {@code hada_w1_a}, in one name for all writers
 */
record LoraKey(String model, String layer, String part) {
    static final String A = "lora_A";
    static final String B = "lora_B";
    static final String MID = "lora_mid";
    static final String ALPHA = "alpha";
    static final String SCALAR = "scalar";
    /** DoRA's magnitudes in peft's files: one for each output. */
    static final String MAGNITUDE = "lora_magnitude_vector";
    /** DoRA's magnitudes in kohya's files: of outputs or of inputs. */
    static final String DORA_SCALE = "dora_scale";

    static final String DIFF = "diff";
    static final String DIFF_BIAS = "diff_b";
    static final String IA3 = "weight";
    static final String ON_INPUT = "on_input";

    /** Other names of the same parts. */
    private static final Map<String, String> SAME =
            Map.of("lora_down", A, "down", A, "lora_up", B, "up", B, "w_norm", DIFF, "b_norm", DIFF_BIAS);

    private static final Pattern KEY = Pattern.compile("(.+?)(_lora|\\.lora|\\.lora_linear_layer)?"
            + "\\.(lora_A|lora_B|lora_down|lora_up|lora_mid|down|up|alpha|scalar|lora_magnitude_vector|dora_scale"
            + "|hada_[wt][12](?:_[ab])?|lokr_(?:w[12](?:_[ab])?|t2)|diff|diff_b|w_norm|b_norm|on_input)"
            + "(\\.default(_\\d+)?)?(\\.weight)?");

    private static final Pattern VECTOR = Pattern.compile("((?:lora|lycoris)_.+)\\.weight");

    /** How names begin, and the model that it means; a name without a beginning is one of the U-Net. */
    private static final String[][] MODELS = {
        {"lora_unet_", "unet"},
        {"lycoris_unet_", "unet"},
        {"lora_transformer_", "transformer"},
        {"lora_te1_", "text_encoder"},
        {"lora_te2_", "text_encoder_2"},
        {"lora_te3_", "text_encoder_3"},
        {"lora_te_", "text_encoder"},
        {"unet.", "unet"},
        {"transformer.", "transformer"},
        {"text_encoder.", "text_encoder"},
        {"text_encoder_2.", "text_encoder_2"},
        {"text_encoder_3.", "text_encoder_3"},
        {"diffusion_model.", "unet"},
        {"", "unet"},
    };

    /** Null if it is no name of a part that is known. */
    static @Nullable LoraKey parse(String name) {
        Matcher m = KEY.matcher(name);
        if (m.matches()) {
            return of(m.group(1), SAME.getOrDefault(m.group(3), m.group(3)));
        }
        Matcher vector = VECTOR.matcher(name);
        return vector.matches() ? of(vector.group(1), IA3) : null;
    }

    private static LoraKey of(String path, String part) {
        String plain = path.replace(".processor.", ".");
        String rest = plain.startsWith("base_model.model.") ? plain.substring("base_model.model.".length()) : plain;
        for (String[] model : MODELS) {
            if (rest.startsWith(model[0])) {
                return new LoraKey(model[1], rest.substring(model[0].length()), part);
            }
        }
        throw new IllegalStateException("every name begins with nothing");
    }
}
