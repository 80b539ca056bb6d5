package dev.latente.training;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.Set;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/** What weights are before they have learned anything. */
public final class Initial {
    /** The last layers of residual branches, of transformers and of the U-Net: at zero, a block passes its input on. */
    private static final Pattern ZERO =
            Pattern.compile("(.*\\.(conv2|proj_out|net\\.2)|(unet\\.)?conv_out)\\.(weight|bias)");

    /** Of CLIP's temperature (Radford et al. 2021, section 2.5). */
    private static final double LOGIT_SCALE = Math.log(1 / 0.07);

    private Initial() {}

    /**
     * Normal numbers that keep the variance of what passes, from the seed and each weight's name; zeros at the end of residual
     * branches (Dhariwal and Nichol 2021, appendix).
     */
    public static WeightSource of(long seed) {
        WeightSource random = WeightSources.random(seed);
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                if (key.endsWith("logit_scale")) {
                    return Ops.full(LOGIT_SCALE, DType.F32, Device.CPU, shape);
                }
                return ZERO.matcher(key).matches() ? Ops.zeros(DType.F32, Device.CPU, shape) : random.get(key, shape);
            }
        };
    }
}
