package dev.latente.training.losses;

import dev.latente.diffusion.Prediction;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Densities, weights, losses and gradients of a rectified flow. */
@Tag("golden")
public class FlowMatchingGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", FlowMatchingGoldenTest::takes, FlowMatchingGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("density_seed");
    }

    private static void check(GoldenCase c) {
        Tensor table = sigmas(c);
        c.assertClose("scheduler.sigmas", table);
        c.assertClose("scheduler.timesteps", Ops.mul(table, (double) table.size(0)));
        c.names().stream().filter(n -> n.startsWith("density.")).forEach(n -> checkDensity(c, n));
        c.json().path("runs").forEach(run -> Scopes.run(() -> check(c, run)));
    }

    private static void checkDensity(GoldenCase c, String name) {
        String density = name.substring("density.".length());
        long n = c.tensor(name).size(0);
        try (Rng rng = new Rng(c.json().path("density_seed").asLong())) {
            Tensor random = density.equals("logit_normal") ? rng.normal(n) : rng.uniform(n);
            c.assertClose(name, density(c, density, random));
        }
    }

    private static Tensor sigmas(GoldenCase c) {
        int n = Math.toIntExact(c.tensor("scheduler.sigmas").size(0));
        return FlowMatching.sigmas(n, c.json().path("shift").asDouble());
    }

    private static Tensor density(GoldenCase c, String name, Tensor random) {
        return switch (name) {
            case "logit_normal" ->
                FlowMatching.logitNormal(
                        random,
                        c.json().path("logit_mean").asDouble(),
                        c.json().path("logit_std").asDouble());
            case "mode" -> FlowMatching.mode(random, c.json().path("mode_scale").asDouble());
            default -> random;
        };
    }

    private static void check(GoldenCase c, JsonNode run) {
        String name = run.path("name").asString() + ".";
        String density = run.path("density").asString();
        Tensor u = density(c, density, c.tensor(density.equals("logit_normal") ? "in.normal" : "in.uniform"));
        Tensor table = sigmas(c);
        Tensor sigma = FlowMatching.at(u, table);
        Tensor timesteps = Ops.mul(sigma, (double) table.size(0));
        Tensor weights = FlowMatching.weights(
                FlowMatching.Weighting.valueOf(
                        run.path("weighting_scheme").asString().toUpperCase(Locale.ROOT)),
                sigma);
        c.assertClose(name + "u", u);
        c.assertClose(name + "sigmas", sigma);
        c.assertClose(name + "timesteps", timesteps);
        c.assertClose(name + "weighting", weights);

        NoiseLevels levels = NoiseLevels.flow(sigma);
        Tensor x0 = c.tensor("in.model_input");
        Tensor noise = c.tensor("in.noise");
        Tensor noisy = levels.noised(x0, noise);
        try (Learner<MMDiT> model = new Learner<>(
                c.path(c.json().path("model").asString()), (p, json) -> new MMDiT(p, MMDiTConfig.of(json)))) {
            Tensor output = model.model()
                    .forward(noisy, timesteps, c.tensor("in.encoder_hidden_states"), c.tensor("in.pooled_projections"));
            Tensor loss = run.path("precondition_outputs").asBoolean()
                    ? SquaredError.weighted(levels.sample(Prediction.FLOW, noisy, output), x0, weights)
                    : SquaredError.weighted(output, levels.target(Prediction.FLOW, x0, noise), weights);
            Autograd.backward(loss);
            c.assertClose(name + "model_output", output);
            c.assertClose(name + "loss", loss);
            // The table of positions does not learn.
            model.gradient("pos_embed.pos_embed").zero_();
            model.assertGradients(c, name);
            model.assertNorms(c, run);
        }
    }
}
