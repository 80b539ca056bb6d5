package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.tensor.Ops;
import dev.latente.training.losses.Learner;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Steps of a U-Net: losses, norms of gradients, AdamW's state, weights; and one step in parts. */
@Tag("golden")
class TrainerGoldenTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @TestFactory
    Stream<DynamicTest> steps() {
        return Golden.tests(
                "train",
                TrainerGoldenTest::takesSteps,
                c -> c.names().stream()
                        .filter(n -> n.endsWith(".loss"))
                        .map(n -> n.substring(0, n.indexOf('.')))
                        .toList(),
                this::checkSteps);
    }

    @TestFactory
    Stream<DynamicTest> parts() {
        return Golden.tests("train", TrainerGoldenTest::takesParts, this::checkParts);
    }

    static boolean takesSteps(GoldenCase c) {
        return c.json().has("hyper");
    }

    static boolean takesParts(GoldenCase c) {
        return c.json().has("micro_batches");
    }

    private void checkSteps(GoldenCase c, String name) {
        try (Learner<UNet2DCondition> unet = Learner.unet(c, "model")) {
            Parameters parameters = unet.parameters();
            Task task = (weights, turn) -> Task.Loss.of(Learner.noiseError(
                    c,
                    weights,
                    Learner.Batch.of(c, turn.step()),
                    c.tensor("in.encoder_hidden_states").select(0, turn.step())));
            Recorded recorded = Recorded.run(folder, config(c, name), parameters, task, step -> {});
            c.assertClose(name + ".loss", recorded.losses());
            c.assertClose(name + ".grad_norm_before_clip", recorded.norms());

            Map<String, Tensor> buffers = new LinkedHashMap<>();
            for (String buffer : new String[] {"exp_avg", "exp_avg_sq", "weights", "ema"}) {
                buffers.put(buffer, Ops.mul(parameters.values(), 0));
            }
            assertThat(new Snapshots(recorded.folder().resolve("checkpoints"), message -> {}).restore(buffers))
                    .isPresent();
            buffers.forEach((buffer, values) -> assertBuffer(
                    c, name + (buffer.equals("weights") ? ".param." : "." + buffer + "."), parameters, values));
        }
    }

    private static void assertBuffer(GoldenCase c, String prefix, Parameters parameters, Tensor buffer) {
        Map<String, Tensor> named = parameters.named(buffer);
        c.names().stream()
                .filter(n -> n.startsWith(prefix))
                .forEach(n -> c.assertClose(n, Objects.requireNonNull(named.get(n.substring(prefix.length())))));
    }

    private void checkParts(GoldenCase c) {
        int parts = c.json().path("micro_batches").asInt();
        double[] losses = new double[parts];
        try (Learner<UNet2DCondition> unet = Learner.unet(c, "model")) {
            Task task = (weights, turn) -> {
                Learner.Batch batch = new Learner.Batch(
                        part(c, "in.latents", turn), part(c, "in.noise", turn), part(c, "in.timesteps", turn));
                Tensor loss = Learner.noiseError(c, weights, batch, part(c, "in.encoder_hidden_states", turn));
                losses[turn.part()] = loss.item_double();
                return Task.Loss.of(loss);
            };
            Recorded recorded = Recorded.run(folder, Recorded.config(c, 1, parts), unet.parameters(), task, s -> {});
            c.assertClose("micro.loss", Ops.of(losses, parts));
            c.assertClose("full.loss", recorded.losses());
            unet.assertGradients(c, "full.");
        }
    }

    private static Tensor part(GoldenCase c, String name, Turn turn) {
        return Ops.chunk(c.tensor(name), turn.parts(), 0)[turn.part()];
    }

    /** Runs are named after their schedule: {@code constant_lr}, or {@code linear_warmup2} for two steps of warmup. */
    private static TrainingConfig config(GoldenCase c, String name) {
        JsonNode hyper = c.json().path("hyper");
        long steps = c.json().path("steps").asLong();
        return TrainingConfig.builder(steps, hyper.path("lr").asDouble())
                .schedule(
                        name.startsWith("linear_warmup")
                                ? LrSchedule.linear(Long.parseLong(name.replaceAll("\\D", "")), steps)
                                : LrSchedule.constant())
                .optimizer(new AdamW.Config(
                        hyper.path("betas").path(0).asDouble(),
                        hyper.path("betas").path(1).asDouble(),
                        hyper.path("eps").asDouble(),
                        hyper.path("weight_decay").asDouble()))
                .clip(c.json().path("grad_clip").asDouble())
                .ema(EmaConfig.DEFAULT)
                .saveEvery(steps)
                .build();
    }
}
