package dev.latente.training.losses;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.vae.Moments;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The autoencoder's loss. */
@Tag("golden")
class VaeLossGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", VaeLossGoldenTest::takes, VaeLossGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("kl_weight");
    }

    private static void check(GoldenCase c) {
        Tensor pictures = c.tensor("in.pixel_values");
        Tensor logvar = Ops.full(c.json().path("logvar").asDouble(), DType.F32, Device.CPU);
        Moments moments = new Moments(Ops.cat(1, c.tensor("mean"), c.tensor("logvar")));
        Tensor reconstruction = c.tensor("reconstruction");

        c.assertClose("kl_per_sample", moments.kl());
        c.assertClose("kl_batch", VaeLoss.divergence(moments));
        c.assertClose("nll_sum_over_batch", VaeLoss.negativeLogLikelihood(pictures, reconstruction, logvar));
        c.assertClose(
                "loss",
                VaeLoss.of(
                        pictures,
                        reconstruction,
                        moments,
                        logvar,
                        c.json().path("kl_weight").asDouble()));
    }
}
