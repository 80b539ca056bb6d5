package dev.latente.pipelines;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.models.clip.ClipTextModel;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts are cut, or taken in chunks, as the text encoder at hand reads them, which need not be in windows of 77. */
class WindowTest {
    private static final long START = 198;
    private static final long END = 199;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @Test
    void aPromptOf40TokensIsTwoChunksOfThirty() {
        try (Checkpoint checkpoint = Checkpoint.load(TinyCheckpoint.write(folder, 32))) {
            assertStates(checkpoint, Prompt.Syntax.WEIGHTED, 40, ids(30, 32), ids(10, 32));
            assertStates(checkpoint, Prompt.Syntax.WEIGHTED, 30, ids(30, 32));
        }
    }

    @Test
    void aPlainPromptIsCutToTheWindow() {
        try (Checkpoint checkpoint = Checkpoint.load(TinyCheckpoint.write(folder, 32))) {
            assertStates(checkpoint, Prompt.Syntax.PLAIN, 40, ids(30, 32));
        }
    }

    @Test
    void aTokenizerMayAskForLessThanTheEncoderReads() throws Exception {
        TinyCheckpoint.write(folder, 32);
        Files.writeString(folder.resolve("tokenizer/tokenizer_config.json"), "{\"model_max_length\": 12}");
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            assertStates(checkpoint, Prompt.Syntax.PLAIN, 40, ids(10, 12));
            assertStates(checkpoint, Prompt.Syntax.WEIGHTED, 15, ids(10, 12), ids(5, 12));
        }
    }

    @Test
    void aTokenizerWithoutALimitLeavesItToTheEncoder() throws Exception {
        TinyCheckpoint.write(folder, 32);
        Files.writeString(
                folder.resolve("tokenizer/tokenizer_config.json"),
                "{\"model_max_length\": 1000000000000000019884624838656}");
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            assertStates(checkpoint, Prompt.Syntax.PLAIN, 40, ids(30, 32));
        }
    }

    @Test
    void aFolderSaysHowItIsCommonlyUsed() throws Exception {
        Path model = TinyCheckpoint.write(folder);
        try (Checkpoint checkpoint = Checkpoint.load(model)) {
            assertEquals(20, checkpoint.usualSteps());
            assertEquals(Guiding.DEFAULT, checkpoint.usualGuiding());
        }
        Json.write(
                model.resolve("latente.json"),
                Json.parse("{\"steps\": 7, \"guidance\": 3, \"guidance_rescale\": 0.5}"));
        try (Checkpoint checkpoint = Checkpoint.load(model)) {
            assertEquals(7, checkpoint.usualSteps());
            assertEquals(Guiding.of(3).withRescale(0.5), checkpoint.usualGuiding());
        }
    }

    /** That a text of so many letters is encoded as these windows, one behind the other. */
    private static void assertStates(Checkpoint checkpoint, Prompt.Syntax syntax, int letters, long[]... windows) {
        Scopes.run(() -> {
            String text =
                    IntStream.range(0, letters).mapToObj(i -> letter(i) + "").collect(Collectors.joining(" "));
            Tensor got = checkpoint
                    .conditioner()
                    .encode(List.of(Prompt.of(text).withSyntax(syntax)), false, 1)
                    .get(0)
                    .positive()
                    .states();
            ClipTextModel model = checkpoint.textModels().get(0);
            Tensor[] expected = Arrays.stream(shifted(windows))
                    .map(ids -> model.skip(model.forward(Ops.of(ids, 1, ids.length), null), 0))
                    .toArray(Tensor[]::new);
            assertArrayEquals(Ops.floats(Ops.cat(1, expected)), Ops.floats(got), 1e-5f);
        });
    }

    private static char letter(int i) {
        return (char) ('a' + i % 26);
    }

    /** Start, the first so many letters, end and padding. */
    private static long[] ids(int letters, int window) {
        return LongStream.range(0, window)
                .map(i -> i == 0 ? START : i <= letters ? i - 1 : END)
                .toArray();
    }

    /** The windows with the letters' ids, counted on from one window to the next. */
    private static long[][] shifted(long[][] windows) {
        long[][] out = new long[windows.length][];
        int[] at = {0};
        for (int i = 0; i < windows.length; i++) {
            out[i] = Arrays.stream(windows[i])
                    .map(id -> id >= START ? id : (letter(at[0]++) - '!') * 2L + 1)
                    .toArray();
        }
        return out;
    }
}
