package dev.latente.models.kunet;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Group normalisation whose scale and shift the noise level decides on (Dhariwal and Nichol 2021, section 3). Key: {@code linear}. */
final class AdaGroupNorm {
    private final Linear linear;
    private final long groups;
    private final double eps;

    AdaGroupNorm(Params p, long temb, long channels, long groups, double eps) {
        linear = new Linear(p.at("linear"), temb, 2 * channels);
        this.groups = groups;
        this.eps = eps;
    }

    /** x [B,C,H,W], temb [B,temb] -> [B,C,H,W]. */
    Tensor forward(Tensor x, Tensor temb) {
        Tensor[] both = Ops.chunk(linear.forward(temb).unsqueeze(-1).unsqueeze(-1), 2, 1);
        return Functional.groupNorm(x, groups, eps).mul(Ops.add(both[0], 1)).add(both[1]);
    }
}
