package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.diffusion.Guidance;
import dev.latente.diffusion.Samplers;
import dev.latente.diffusion.Scheduler;
import dev.latente.image.Picture;
import dev.latente.models.unet.Shallow;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left undone, and that nothing else changes. */
@ExtendWith(NoNativeLeaks.class)
class ShortcutsTest {
    private static Checkpoint checkpoint;
    private static ControlNetCheckpoint net;

    @BeforeAll
    static void load(@TempDir Path temp) {
        checkpoint = Checkpoint.load(TinyCheckpoint.write(temp.resolve("checkpoint")));
        net = ControlNetCheckpoint.load(TinyCheckpoint.writeControlNet(temp.resolve("control")));
        latents(request("euler").withControls(control()));
    }

    @AfterAll
    static void close() {
        net.close();
        checkpoint.close();
    }

    private static Request request(String sampler) {
        return Request.of(List.of(Prompt.of("a tree"), Prompt.of("a lake")))
                .withSteps(6)
                .withScheduler(scheduler(sampler))
                .withGuidance(3)
                .withSeeds(Seeds.each(5, 2));
    }

    private static Scheduler scheduler(String sampler) {
        return Samplers.of(sampler, checkpoint.scheduler());
    }

    private static Request with(Request request, FeatureReuse reuse) {
        return request.withShortcuts(Shortcuts.NONE.withReuse(reuse));
    }

    private static List<Control> control() {
        Picture picture =
                Scopes.within(() -> List.of(Picture.fromTensor(Ops.full(0.7, DType.F32, Device.CPU, 1, 3, 32, 32)))
                        .get(0));
        return List.of(Control.of(net, picture));
    }

    private static float[] latents(Request request) {
        return Scopes.within(() -> Ops.floats(new TextToImage(checkpoint).latents(request, Progress.NONE)));
    }

    private static Set<Integer> whole(FeatureReuse reuse, int calls) {
        return IntStream.range(0, calls)
                .filter(call -> reuse.whole(call, calls, () -> 0))
                .boxed()
                .collect(Collectors.toSet());
    }

    @Test
    void everyNthCallIsWhole() {
        assertThat(whole(FeatureReuse.every(1), 5)).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(whole(FeatureReuse.every(2), 5)).containsExactlyInAnyOrder(0, 2, 4);
        assertThat(whole(FeatureReuse.every(3), 20)).containsExactlyInAnyOrder(0, 3, 6, 9, 12, 15, 18);
        assertThat(whole(FeatureReuse.every(50), 20)).containsExactly(0);
    }

    @Test
    void wholeCallsCanBeDenserAtATimeOfTheRun() {
        FeatureReuse.Scheduled even = new FeatureReuse.Scheduled(5, 0, 1, 0);
        assertThat(whole(even.around(0, 3), 50)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 6, 11, 17, 26, 36);
        assertThat(whole(even.around(0.3, 1.4), 50)).containsExactlyInAnyOrder(0, 6, 10, 14, 16, 19, 24, 30, 36, 43);
        // As many as at even distances, however dense, and all of them within the run.
        for (int calls = 1; calls < 30; calls++) {
            for (double center : new double[] {0, 0.3, 0.5, 1}) {
                assertThat(whole(even.around(center, 5), calls))
                        .as("%d calls around %s", calls, center)
                        .hasSize((calls + 4) / 5)
                        .contains(0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler_a", "heun", "dpmpp_2m", "plms"})
    void toReuseNothingChangesNothing(String sampler) {
        float[] plain = latents(request(sampler));
        for (int branch = 0; branch < checkpoint.unet().branches(); branch++) {
            FeatureReuse none = FeatureReuse.every(1).withBranch(branch);
            assertThat(latents(with(request(sampler), none))).isEqualTo(plain);
        }
        assertThat(latents(with(request(sampler), FeatureReuse.whenChanged(0)))).isEqualTo(plain);
    }

    /** Of second order, too: there two calls are a step. */
    @ParameterizedTest
    @ValueSource(strings = {"euler_a", "heun", "dpm2", "dpmpp_sde", "dpmpp_2m", "plms"})
    void reuseIsWhatOneWouldComposeByHand(String sampler) {
        for (int branch : new int[] {0, 1, 3}) {
            FeatureReuse every = FeatureReuse.every(3).withBranch(branch);
            assertThat(latents(with(request(sampler), every))).isEqualTo(byHand(request(sampler), 3, branch));
        }
        assertThat(latents(with(request(sampler), FeatureReuse.every(3)))).isNotEqualTo(latents(request(sampler)));
    }

    /** The same run, where every so many calls one is whole. */
    private static float[] byHand(Request request, int interval, int branch) {
        return Scopes.within(() -> {
            try (Arena kept = new Arena();
                    Run run = new Run(checkpoint, request, new Size(32, 32), request.steps())) {
                Conditioner.Halves text = run.encode().get(0);
                UNetConditioning both = UNetConditioning.text(Objects.requireNonNull(text.negative())
                        .then(text.positive())
                        .states());
                UNet2DCondition unet = checkpoint.unet();
                Tensor start = Ops.mul(run.normal(), run.trajectory().initNoiseSigma());
                int[] call = {0};
                Tensor[] deep = new Tensor[1];
                Tensor end = run.trajectory()
                        .sample(
                                start,
                                (x, t) -> {
                                    Tensor time = Ops.full(t, DType.F32, Device.CPU, 1);
                                    Shallow shallow = unet.begin(Ops.cat(0, x, x), time, both, branch);
                                    if (call[0]++ % interval == 0) {
                                        deep[0] = kept.own(() -> unet.deep(shallow, null));
                                    }
                                    Tensor[] halves = Ops.chunk(unet.finish(shallow, deep[0], null), 2, 0);
                                    return Guidance.combine(
                                            halves[0],
                                            halves[1],
                                            request.guiding().scale());
                                },
                                run.noise(),
                                (c, t, x) -> x);
                return Ops.floats(end);
            }
        });
    }

    @Test
    void theFirstLayerDecides() {
        Request plain = request("euler");
        FeatureReuse once = FeatureReuse.every(100).withBranch(1);
        assertThat(latents(with(plain, FeatureReuse.whenChanged(1e9)))).isEqualTo(latents(with(plain, once)));
        float[] some = latents(with(plain, FeatureReuse.whenChanged(0.2)));
        assertThat(some).isNotEqualTo(latents(plain)).isNotEqualTo(latents(with(plain, once)));
    }

    @Test
    void aCallIsWholeWhereGuidanceBegins() {
        // Euler's run of six calls without history: the unguided half is one run, the guided half another.
        Request late = request("euler").withGuiding(Guiding.of(3).withInterval(0.5, 1));
        Request sooner = request("euler").withGuiding(Guiding.of(3).withInterval(0.4, 1));
        float[] reused = latents(with(late, FeatureReuse.every(3)));
        // Calls 0 and 3 are whole by the rule, and guidance begins at call 3: nothing more than the rule's.
        assertThat(reused).isNotEqualTo(latents(late));
        // Here it begins at call 3, too, because no call stands between 0.4 and 0.5 of the run.
        assertThat(latents(with(sooner, FeatureReuse.every(3)))).isEqualTo(reused);
        // With a rule that would not, call 3 is whole all the same.
        assertThat(latents(with(late, FeatureReuse.every(100)))).isEqualTo(reused);
    }

    @Test
    void aCallIsWholeWhereThePromptChanges() {
        Request changing = request("euler")
                .withPrompts(List.of(Prompt.of("[tree|lake]"), Prompt.of("a lake")))
                .withSeeds(Seeds.each(5, 2));
        assertThat(latents(with(changing, FeatureReuse.every(3)))).isEqualTo(latents(changing));
    }

    @Test
    void whatControlNetsAddIsReusedWithTheFeatures() {
        Request steered = request("euler").withControls(control());
        float[] plain = latents(steered);
        assertThat(plain).isNotEqualTo(latents(request("euler")));
        assertThat(latents(with(steered, FeatureReuse.every(1)))).isEqualTo(plain);
        float[] reused = latents(with(steered, FeatureReuse.every(3)));
        assertThat(reused).isNotEqualTo(plain).isNotEqualTo(latents(with(request("euler"), FeatureReuse.every(3))));
        // A ControlNet that ends makes a whole call, here at call 3, where there is one by the rule.
        List<Control> ending = List.of(control().get(0).withInterval(0, 0.5));
        Request half = request("euler").withControls(ending);
        assertThat(latents(with(half, FeatureReuse.every(100)))).isEqualTo(latents(with(half, FeatureReuse.every(3))));
    }

    @Test
    void guidanceInEveryPartOfTheRunIsPlainGuidance() {
        Request plain = request("euler");
        Request unguided = plain.withGuidance(1);
        Guiding three = Guiding.of(3);
        float[] guided = latents(plain);
        assertThat(latents(plain.withGuiding(three.withInterval(0, 1)))).isEqualTo(guided);
        assertThat(latents(plain.withGuiding(three.withInterval(0.5, 0.5)))).isEqualTo(latents(unguided));
        assertThat(latents(plain.withGuiding(three.withNoiseInterval(0, 1e9)))).isEqualTo(guided);
        assertThat(latents(plain.withGuiding(three.withNoiseInterval(3, 3)))).isEqualTo(latents(unguided));
        assertThat(latents(plain.withGuiding(three.withNoiseInterval(0.5, 5))))
                .isNotEqualTo(guided)
                .isNotEqualTo(latents(unguided));
    }

    @Test
    void outsideOfTheIntervalOneHalfRuns() {
        double[] levels = {10, 5, 2, 0.5};
        Guiding guiding = Guiding.of(3).withNoiseInterval(0.5, 5);
        assertThat(IntStream.range(0, 4).mapToDouble(i -> guiding.scaleAt(i, levels)))
                .containsExactly(1.0, 3.0, 3.0, 1.0);
        assertThat(IntStream.range(0, 4)
                        .mapToDouble(i -> guiding.withInterval(0.5, 1).scaleAt(i, levels)))
                .containsExactly(1.0, 1.0, 3.0, 1.0);
    }

    @Test
    void mergingIsOffUntilItIsAskedFor() {
        Request plain = request("euler");
        float[] none = latents(plain);
        assertThat(latents(plain.withShortcuts(Shortcuts.NONE.withMerge(0)))).isEqualTo(none);
        float[] half = latents(plain.withShortcuts(Shortcuts.NONE.withMerge(0.5)));
        assertThat(half).isNotEqualTo(none);
        assertThat(latents(plain.withShortcuts(Shortcuts.NONE.withMerge(0.5)))).isEqualTo(half);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused(() -> FeatureReuse.every(0), "feature reuse: interval: got [0], wanted at least 1");
        refused(() -> FeatureReuse.every(2).withBranch(-1), "feature reuse: branch: got [-1], wanted at least 0");
        refused(
                () -> new FeatureReuse.Scheduled(2, 1.5, 1, 0),
                "feature reuse: center: got [1.5], wanted a fraction of the run");
        refused(() -> new FeatureReuse.Scheduled(2, 0, 0.5, 0), "feature reuse: power: got [0.5], wanted 1 to 5");
        refused(() -> FeatureReuse.whenChanged(Double.NaN), "feature reuse: threshold: got [NaN], wanted at least 0");
        refused(
                () -> FeatureReuse.whenChanged(1).withBranch(0),
                "feature reuse: branch: got [0], wanted at least 1 with a threshold, to see the first layer");
        refused(() -> Shortcuts.NONE.withMerge(0.8), "token merging: got [0.8], wanted a ratio of 0 to 0.75");
        refused(
                () -> Guiding.of(3).withNoiseInterval(5, 1),
                "guidance interval: got [5.0, 1.0], wanted two ascending noise levels");
        refused(
                () -> latents(with(request("euler"), FeatureReuse.every(2).withBranch(4))),
                "branch: got [4], wanted 0 to 3 for this U-Net");
    }

    private static void refused(Runnable wrong, String message) {
        assertThatThrownBy(wrong::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
