package dev.latente.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.ControlNetCheckpoint;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes that teach a checkpoint. */
class TuningRecipeTest {
    private static final String COMMON = """
            base: {checkpoint: %1$s/base}
            data: {folder: %1$s/pictures, captions: a <square>, size: 32, batch: 2}
            optimizer: {learning_rate: 0.01}
            steps: 2
            output: %1$s/run
            samples: {prompts: [a square], steps: 1}
            sample_every: 2
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void write() throws IOException {
        TinyCheckpoint.write(folder.resolve("base"));
        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        for (int i = 0; i < 2; i++) {
            Picture picture = Picture.filled(40, 34, 3, 60).paste(Picture.filled(12, 12, 3, 230), 5 + 9 * i, 9);
            PictureFiles.writePng(pictures.resolve(i + ".png"), picture, Map.of());
        }
    }

    @Test
    void aLoraOfASubjectBesideItsClass() throws IOException {
        run("""
                train: lora
                lora: {rank: 2, targets: [attention, convolutions], text_encoder: true}
                prior: {prompt: a thing, folder: %1$s/class, pictures: 2}
                """);
        assertThat(folder.resolve("class")).isDirectoryContaining("glob:**class-00001.png");
        Path written = folder.resolve("run/model/pytorch_lora_weights.safetensors");
        Checkpoint.load(folder.resolve("base"), LoadOptions.DEFAULT.withLora(written, 1))
                .close();
    }

    @Test
    void aWord() throws IOException {
        run("""
                train: textual_inversion
                word: {token: "<square>", start: a, vectors: 2}
                """);
        Path written = folder.resolve("run/model/learned_embeds.safetensors");
        Checkpoint.load(folder.resolve("base"), LoadOptions.DEFAULT.withEmbedding(written, null))
                .close();
    }

    @Test
    void aControlNet() throws IOException {
        run("""
                train: controlnet
                control: {canny: [100, 200]}
                """);
        ControlNetCheckpoint.load(folder.resolve("run/model")).close();
    }

    @Test
    void allOfTheUNet() throws IOException {
        run("train: finetune\n");
        Checkpoint.load(folder.resolve("run/model")).close();
    }

    @Test
    void mistakesHaveALine() {
        assertThatThrownBy(() -> run("train: lora\nlora: {targets: convolution}\n"))
                .hasMessageContaining("recipe.yaml:2")
                .hasMessageContaining("got [convolution], wanted some of [attention, convolutions, transformer]");
        assertThatThrownBy(() -> run("train: finetune\nparts: [vae]\n")).hasMessageContaining("recipe.yaml:2");
        assertThatThrownBy(() -> run("train: controlnet\ncontrol: {cany: [1, 2]}\n"))
                .hasMessageContaining("wanted one of canny, folder and column");
    }

    private void run(String recipe) throws IOException {
        Path file = folder.resolve("recipe.yaml");
        Files.writeString(file, (recipe + COMMON).formatted(folder));
        try (TrainingRun run = new TrainingRun(Recipe.read(file), new RunWatcher() {})) {
            assertThat(run.run(() -> false)).isTrue();
        }
        assertThat(folder.resolve("run/log.jsonl")).content().hasLineCount(2);
    }
}
