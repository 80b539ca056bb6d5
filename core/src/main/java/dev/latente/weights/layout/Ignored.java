package dev.latente.weights.layout;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a checkpoint that no model uses.
 *
 * @param key its name in the file
 * @param reason why nothing is lost without it
 */
public record Ignored(String key, String reason) {
    /** Names of single files, where a star stands for anything, and reasons. */
    private static final String[][] TABLE = {
        {"alphas_cumprod*", "noise schedule, computed from the scheduler's configuration"},
        {"betas", "noise schedule, computed from the scheduler's configuration"},
        {"sqrt_*", "noise schedule, computed from the scheduler's configuration"},
        {"log_one_minus_alphas_cumprod", "noise schedule, computed from the scheduler's configuration"},
        {"posterior_*", "noise schedule, computed from the scheduler's configuration"},
        {"low_scale_model.*", "noise schedule, computed from the scheduler's configuration"},
        {"denoiser.*sigmas", "noise schedule, computed from the scheduler's configuration"},
        {"lvlb_weights", "weights of the training loss"},
        {"logvar", "weights of the training loss"},
        {"first_stage_model.loss.*", "discriminator of the autoencoder's training"},
        {"loss.*", "discriminator of the autoencoder's training"},
        {"model_ema.*", "moving average of weights that are there themselves, or a counter of it"},
        {"first_stage_model.model_ema.*", "moving average of weights that are there themselves"},
        {"*embeddings.position_ids", "the numbers from 0 on"},
        {"*attn_mask", "causal mask"},
        {"*logit_scale", "temperature of CLIP's training"},
        {"cond_stage_model.model.text_projection", "SD2 uses no pooled text embedding"},
        {"cond_stage_model.transformer.text_projection.weight", "SD1 uses no pooled text embedding"},
        {"conditioner.embedders.0.transformer.text_projection.weight", "SDXL pools its second text encoder only"},
        {"cond_stage_model.transformer.vision_model.*", "picture encoder, which no model here looks through"},
        {"cond_stage_model.transformer.visual_projection.weight", "picture encoder, which no model here looks through"},
        {"embedding_manager.*", "state of a training"},
        {"global_step", "state of a training"},
        {"v_pred", "mark of the prediction type, read already"},
        {"ztsnr", "mark of the noise schedule, read already"},
    };

    private static final List<Rule> RULES = new ArrayList<>();

    static {
        for (String[] row : TABLE) {
            RULES.add(Rule.of(row[0], row[1]));
        }
    }

    /** A pattern of names and a reason. */
    record Rule(Pattern names, String reason) {
        static Rule of(String glob, String reason) {
            return new Rule(Pattern.compile(Pattern.quote(glob).replace("*", "\\E.*\\Q")), reason);
        }
    }

    /** The rules for a file with these names. */
    static List<Rule> rules(Set<String> names) {
        List<Rule> rules = new ArrayList<>(RULES);
        String blocks = "cond_stage_model.model.transformer.resblocks.";
        int layers = Layout.count(names, blocks + "%d.");
        // A whole OpenCLIP, which also has its projection, has one layer more than SD2 looks through.
        if (layers > 0 && (names.contains("cond_stage_model.model.text_projection") || layers == 24)) {
            rules.add(Rule.of(blocks + (layers - 1) + ".*", "SD2 uses the states before the last layer"));
        }
        return rules;
    }

    /** The reason to leave a tensor out; null if there is none. */
    static @Nullable String reason(List<Rule> rules, String name) {
        return rules.stream()
                .filter(r -> r.names.matcher(name).matches())
                .map(Rule::reason)
                .findFirst()
                .orElse(null);
    }
}
