package dev.latente.training.losses;

import dev.latente.diffusion.Prediction;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.InPlace;
import dev.latente.tensor.Scopes;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Latent consistency distillation with a teacher, a student and its slow copy. */
@Tag("golden")
public class ConsistencyDistillationGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests(
                "train", ConsistencyDistillationGoldenTest::takes, ConsistencyDistillationGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("num_ddim_timesteps");
    }

    private static void check(GoldenCase c) {
        checkBoundary(c);
        checkGuidanceEmbedding(c);
        Tensor timesteps = timesteps(c);
        c.assertClose("solver.timesteps", timesteps);
        c.assertClose("solver.alphas_cumprod", levels(c, timesteps).alpha().square());
        c.assertClose(
                "solver.alphas_cumprod_prev",
                levels(c, ends(c, timesteps)).alpha().square());
        Tensor start = timesteps.index_select(0, c.tensor("in.index"));
        c.assertClose("start_timesteps", start);
        c.assertClose("end_timesteps", ends(c, start));
        c.json().path("runs").forEach(run -> Scopes.run(() -> check(c, run, start)));
        checkSlowCopy(c);
    }

    private static void checkBoundary(GoldenCase c) {
        String prefix = "boundary.scaling";
        c.names().stream()
                .filter(n -> n.startsWith(prefix) && n.endsWith(".c_skip"))
                .map(n -> n.substring(prefix.length(), n.lastIndexOf('.')))
                .forEach(scaling -> {
                    ConsistencyDistillation boundary =
                            new ConsistencyDistillation(sigmaData(c), Double.parseDouble(scaling));
                    Tensor timesteps = c.tensor("boundary.timesteps");
                    c.assertClose(prefix + scaling + ".c_skip", boundary.skip(timesteps));
                    c.assertClose(prefix + scaling + ".c_out", boundary.out(timesteps));
                });
    }

    private static void checkGuidanceEmbedding(GoldenCase c) {
        String prefix = "w_embedding.dim";
        Tensor w = c.tensor("w_embedding.w");
        // Two libraries' exponentials differ by a unit in the last place, and angles reach 1000·w.
        double atol = c.atol() + 1000 * w.max().item_double() * Math.ulp(1f);
        c.names().stream().filter(n -> n.startsWith(prefix)).forEach(n -> {
            long size = Long.parseLong(n.substring(prefix.length()));
            Tensor got = ConsistencyDistillation.guidanceEmbedding(w, size);
            GoldenCase.assertClose(n, got, c.tensor(n), atol, c.rtol());
        });
    }

    private static void check(GoldenCase c, JsonNode run, Tensor start) {
        String name = run.path("prediction_type").asString();
        Prediction prediction = Learner.prediction(name);
        ConsistencyDistillation consistency = new ConsistencyDistillation(
                sigmaData(c), c.json().path("timestep_scaling").asDouble());
        Tensor end = ends(c, start);
        NoiseLevels from = levels(c, start);
        NoiseLevels to = levels(c, end);
        Tensor noisy = from.noised(c.tensor("in.latents"), c.tensor("in.noise"));
        Tensor states = c.tensor("in.encoder_hidden_states");
        Tensor xPrev = Autograd.without(() -> teacherStep(c, name, noisy, start, from, to));
        c.assertClose(name + ".noisy", noisy);
        c.assertClose(name + ".x_prev", xPrev);

        UNetConditioning conditioning = UNetConditioning.text(states)
                .withTimestepCond(ConsistencyDistillation.guidanceEmbedding(
                        c.tensor("in.w"), c.json().path("time_cond_proj_dim").asLong()));
        try (Learner<UNet2DCondition> student = Learner.unet(c, "student");
                Learner<UNet2DCondition> slow = Learner.unet(c, "target")) {
            Tensor output = student.model().forward(noisy, start, conditioning);
            Tensor predicted = consistency.apply(noisy, from.sample(prediction, noisy, output), start);
            Tensor target = Autograd.without(() -> {
                Tensor sample = to.sample(prediction, xPrev, slow.model().forward(xPrev, end, conditioning));
                return consistency.apply(xPrev, sample, end);
            });
            c.assertClose(name + ".model_pred", predicted);
            c.assertClose(name + ".target", target);

            String type = run.path("loss_type").asString();
            Tensor loss = type.equals("huber")
                    ? ConsistencyDistillation.pseudoHuber(
                            predicted, target, run.path("huber_c").asDouble())
                    : SquaredError.mean(predicted, target);
            Autograd.backward(loss);
            c.assertClose(name + "." + type + ".loss", loss);
            student.assertGradients(c, name + "." + type + ".");
            student.assertNorms(c, run);
        }
    }

    /** One guided DDIM step of the teacher. */
    private static Tensor teacherStep(
            GoldenCase c, String name, Tensor noisy, Tensor start, NoiseLevels from, NoiseLevels to) {
        Prediction prediction = Learner.prediction(name);
        Tensor w = c.tensor("in.w");
        try (Learner<UNet2DCondition> teacher = Learner.unet(c, "teacher")) {
            Tensor cond = Learner.predict(teacher, noisy, start, c.tensor("in.encoder_hidden_states"));
            Tensor uncond = Learner.predict(teacher, noisy, start, c.tensor("in.uncond_encoder_hidden_states"));
            c.assertClose(name + ".teacher_cond", cond);
            c.assertClose(name + ".teacher_uncond", uncond);
            // Picture and noise are linear in the output, so guiding it guides both.
            return from.ddim(prediction, noisy, ConsistencyDistillation.guided(cond, uncond, w), to);
        }
    }

    private static void checkSlowCopy(GoldenCase c) {
        double rate = c.json().path("ema_rate").asDouble();
        try (Learner<UNet2DCondition> student = Learner.unet(c, "student");
                Learner<UNet2DCondition> slow = Learner.unet(c, "target")) {
            InPlace.lerp(slow.parameters().values(), student.parameters().values(), 1 - rate);
            Map<String, Tensor> moved =
                    slow.parameters().named(slow.parameters().values());
            String prefix = "target_ema.";
            c.names().stream()
                    .filter(n -> n.startsWith(prefix))
                    .forEach(n -> c.assertClose(n, Objects.requireNonNull(moved.get(n.substring(prefix.length())))));
        }
    }

    private static double sigmaData(GoldenCase c) {
        return c.json().path("sigma_data").asDouble();
    }

    private static NoiseLevels levels(GoldenCase c, Tensor timesteps) {
        return NoiseLevels.of(Learner.schedule(c, false), timesteps);
    }

    private static int steps(GoldenCase c) {
        return c.json().path("num_ddim_timesteps").asInt();
    }

    private static Tensor timesteps(GoldenCase c) {
        return ConsistencyDistillation.timesteps(Learner.schedule(c, false).trainTimesteps(), steps(c));
    }

    private static Tensor ends(GoldenCase c, Tensor start) {
        return ConsistencyDistillation.ends(start, Learner.schedule(c, false).trainTimesteps(), steps(c));
    }
}
