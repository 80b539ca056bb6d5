package dev.latente.weights.lora;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Which layers of a model get a LoRA. Immutable. */
public final class LoraTargets {
    /** The projections of every attention, as the training scripts of diffusers have it. */
    public static final LoraTargets ATTENTION = of("to_q", "to_k", "to_v", "to_out.0");

    /** The attentions, and the feed-forward and linear layers around them: kohya's choice without convolutions. */
    public static final LoraTargets TRANSFORMER = ATTENTION.or(of("proj_in", "proj_out", "ff.net.0.proj", "ff.net.2"));

    /** The convolutions and linear maps of residual blocks and of what resizes between them (LoCon). */
    public static final LoraTargets CONVOLUTION =
            matching(".*\\.resnets\\.\\d+\\.(conv1|conv2|conv_shortcut|time_emb_proj)|.*samplers\\.0\\.conv");

    /** The projections of every attention of a CLIP text encoder. */
    public static final LoraTargets TEXT = of("q_proj", "k_proj", "v_proj", "out_proj");

    private final Predicate<String> modules;

    private LoraTargets(Predicate<String> modules) {
        this.modules = modules;
    }

    /** Layers whose path is one of these or ends in one, as peft reads a list of {@code target_modules}. */
    public static LoraTargets of(String... endings) {
        List<String> names = List.of(endings);
        return new LoraTargets(module -> names.stream().anyMatch(n -> endsIn(module, n)));
    }

    /** Layers whose whole path the regular expression matches, as peft reads {@code target_modules} of one string. */
    public static LoraTargets matching(String regex) {
        return new LoraTargets(Pattern.compile(regex).asMatchPredicate());
    }

    public LoraTargets or(LoraTargets more) {
        return new LoraTargets(modules.or(more.modules));
    }

    /** Whether the layer gets one to which a weight of that name belongs. */
    public boolean take(String weight) {
        return weight.endsWith(".weight") && modules.test(module(weight));
    }

    static boolean endsIn(String module, String ending) {
        return module.equals(ending) || module.endsWith("." + ending);
    }

    static String module(String weight) {
        return weight.substring(0, weight.length() - ".weight".length());
    }
}
