package dev.latente.training.losses;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
import dev.latente.models.vae.VaeConfig;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The autoencoder's loss and its gradients. */
@Tag("golden")
public class VaeLossGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", VaeLossGoldenTest::takes, VaeLossGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("kl_weight");
    }

    private static void check(GoldenCase c) {
        Tensor logvar = Ops.full(c.json().path("logvar").asDouble(), DType.F32, Device.CPU);
        double weight = c.json().path("kl_weight").asDouble();
        check(c, "loss.", (pictures, reconstruction, moments) -> {
            c.assertClose("nll_sum_over_batch", VaeLoss.negativeLogLikelihood(pictures, reconstruction, logvar));
            Tensor loss = VaeLoss.of(pictures, reconstruction, moments, logvar, weight);
            c.assertClose("loss", loss);
            return loss;
        });
        // The case's second loss, with a weight of its own.
        check(c, "mse_plus_kl.", (pictures, reconstruction, moments) -> {
            Tensor mse = SquaredError.mean(reconstruction, pictures);
            Tensor loss = Ops.addScaled(mse, VaeLoss.divergence(moments), 0.01);
            c.assertClose("mse_mean", mse);
            c.assertClose("mse_plus_kl.loss", loss);
            return loss;
        });
    }

    private interface Loss {
        Tensor of(Tensor pictures, Tensor reconstruction, Moments moments);
    }

    private static void check(GoldenCase c, String name, Loss loss) {
        try (Learner<AutoencoderKL> vae = new Learner<>(
                c.path(c.json().path("model").asString()), (p, json) -> new AutoencoderKL(p, VaeConfig.of(json)))) {
            Tensor pictures = c.tensor("in.pixel_values");
            Moments moments = vae.model().encode(pictures);
            Tensor z = moments.sample(c.tensor("in.posterior_noise"));
            Tensor reconstruction = vae.model().decode(z);
            c.assertClose("mean", moments.mean());
            c.assertClose("logvar", moments.logvar());
            c.assertClose("z", z);
            c.assertClose("reconstruction", reconstruction);
            c.assertClose("kl_per_sample", moments.kl());
            c.assertClose("kl_batch", VaeLoss.divergence(moments));

            Autograd.backward(loss.of(pictures, reconstruction, moments));
            vae.assertGradients(c, name);
            if (name.equals("loss.")) {
                vae.assertNorms(c, c.json());
            }
        }
    }
}
