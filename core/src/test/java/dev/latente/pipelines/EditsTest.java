package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.image.Ssim;
import dev.latente.tensor.NoNativeLeaks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pictures that are changed by instructions, step by step, or enlarged, and checkpoints that cannot. */
@ExtendWith(NoNativeLeaks.class)
class EditsTest {
    private static Checkpoint plain;
    private static Checkpoint instructed;
    private static Checkpoint enlarging;

    @BeforeAll
    static void load(@TempDir Path temp) {
        plain = Checkpoint.load(TinyCheckpoint.write(temp.resolve("plain")));
        instructed = Checkpoint.load(TinyCheckpoint.writeSeeing(temp.resolve("edit"), 8, 0));
        enlarging = Checkpoint.load(TinyCheckpoint.writeSeeing(temp.resolve("x4"), 7, 100));
        edit(2, 1.5);
        new DiffusionUpscale(enlarging).generate(request(2), picture(8, 8), 5, Progress.NONE);
        new Chain(plain).refine(request(2), picture(32, 32), List.of(step(0.5)), Progress.NONE);
    }

    @AfterAll
    static void close() {
        plain.close();
        instructed.close();
        enlarging.close();
    }

    private static Request request(double guidance) {
        return Request.of("make it red").withSteps(3).withGuidance(guidance).withSeed(3);
    }

    private static Picture picture(int width, int height) {
        byte[] data = new byte[width * height * 3];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 37 / 5);
        }
        return new Picture(width, height, 3, data);
    }

    private static Picture edit(double text, double image) {
        return new InstructionEdit(instructed)
                .generate(request(text), Source.of(picture(32, 32), 1), image, Progress.NONE)
                .get(0);
    }

    private static Chain.Step step(double strength) {
        return new Chain.Step(Prompt.of("a lake"), strength);
    }

    @Test
    void bothGuidancesCount() {
        Picture usual = edit(3, 1.5);
        assertThat(edit(4, 1.5)).isNotEqualTo(usual);
        assertThat(edit(3, 3)).isNotEqualTo(usual);
        assertThat(edit(3, 1.5)).isEqualTo(usual);
        // Without guidance by the text there is one call, and the picture's scale means nothing.
        assertThat(edit(1, 1.5)).isEqualTo(edit(1, 5));
    }

    @Test
    void aChainSaysWhatEachStepKept() {
        List<Chain.Step> steps = List.of(step(0.4), step(1));
        Picture first = picture(32, 32);
        List<Chain.Link> links = new Chain(plain).refine(request(2), first, steps, Progress.NONE);
        assertThat(links).hasSize(2);
        assertThat(links.get(0).ssim()).isEqualTo(Ssim.of(first, links.get(0).picture()));
        assertThat(links.get(1).ssim())
                .isEqualTo(Ssim.of(links.get(0).picture(), links.get(1).picture()));
        // A step's noise is its own, so that it does not draw the same again.
        Picture twice = new Chain(plain)
                .refine(request(2), first, List.of(step(1), step(1)), Progress.NONE)
                .get(1)
                .picture();
        assertThat(twice).isNotEqualTo(links.get(1).picture());
    }

    @Test
    void theUpscalerDrawsFourTimesAsLargeAndHearsTheNoise() {
        DiffusionUpscale upscale = new DiffusionUpscale(enlarging);
        Picture large =
                upscale.generate(request(2), picture(9, 8), 5, Progress.NONE).get(0);
        assertThat(large.width()).isEqualTo(32);
        assertThat(large.height()).isEqualTo(32);
        assertThat(upscale.generate(request(2), picture(9, 8), 50, Progress.NONE)
                        .get(0))
                .isNotEqualTo(large);
        assertThatThrownBy(() -> upscale.generate(request(2), picture(8, 8), 100, Progress.NONE))
                .hasMessage("noise level: got [100], wanted 0 to 99");
        assertThatThrownBy(() -> upscale.generate(request(2), picture(3, 8), 5, Progress.NONE))
                .hasMessageContaining("too small");
    }

    @Test
    void checkpointsOfAnotherKindSayWhatToDo() {
        assertThatThrownBy(() -> new InstructionEdit(plain))
                .hasMessageStartingWith("this checkpoint takes no instructions (its U-Net takes 4 channels, not 8)");
        assertThatThrownBy(() -> new DiffusionUpscale(plain)).hasMessageStartingWith("this checkpoint is no upscaler");
        assertThatThrownBy(() -> new TextToImage(instructed).generate(request(2)))
                .hasMessage(
                        "this checkpoint edits pictures (its U-Net takes 8 channels, not 4): give it one, and no mask");
        assertThatThrownBy(() -> new TextToImage(enlarging).generate(request(2)))
                .hasMessage(
                        "this checkpoint enlarges pictures (its U-Net takes 7 channels, not 4): use it with latente upscale");
    }
}
