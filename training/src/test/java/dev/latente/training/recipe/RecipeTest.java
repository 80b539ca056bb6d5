package dev.latente.training.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recipe says what is wrong with it, and where. */
class RecipeTest {
    private static final String RECIPE = """
            train: vae
            output: run
            steps: 10
            data:
              folder: pictures
              size: 64
              batch: 4
            model:
              config:
                block_out_channels: [8, 8]
                down_block_types: [DownEncoderBlock2D, DownEncoderBlock2D]
                up_block_types: [UpDecoderBlock2D, UpDecoderBlock2D]
                norm_num_groups: 4
            optimizer:
              learning_rate: 1e-3
              betas: [0.9, 0.99]
            precision: bf16
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private Recipe read(String text, Map<String, String> overrides) throws IOException {
        return Recipe.read(Files.writeString(folder.resolve("r.yaml"), text), overrides, Recipe.Extensions.NONE);
    }

    @Test
    void whatIsNotSaidHasItsUsualValue() throws IOException {
        Recipe recipe = read(RECIPE, Map.of());
        assertThat(recipe.config().learningRate()).isEqualTo(1e-3);
        assertThat(recipe.config().optimizer().beta2()).isEqualTo(0.99);
        assertThat(recipe.config().dtype()).isEqualTo(DType.BF16);
        assertThat(recipe.config().ema()).isNull();
        assertThat(recipe.export()).isEqualTo(Path.of("run", "model"));
        assertThat(recipe.source().path("data").path("batch").asInt()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "learning_rate: 1e-3 | learning_rat: 1e-3 | r.yaml:15: optimizer.learning_rat is not known: use learning_rate",
                "betas | beats | r.yaml:16: optimizer.beats is not known: use betas,",
                "steps: 10 | steps: ten | r.yaml:3: steps: got [ten], wanted a whole number",
                "batch: 4 | batch: 0 | r.yaml:5: data: got size [64], batch [0]",
                "  size: 64 | '' | r.yaml:5: data.size is missing: wanted a whole number",
                "train: vae | train: vea | r.yaml:1: train: got [vea], wanted vae,",
                "norm_num_groups: 4 | norm_num_group: 4 | r.yaml:13: model.config.norm_num_group is not known: use norm_num_groups,",
                "norm_num_groups: 4 | norm_num_groups: 3 | r.yaml:9: VAE config: block_out_channels [8] is no multiple",
                "output: run | 'train: clip' | r.yaml:2: train occurs twice",
                "[0.9, 0.99] | [0.9] | r.yaml:16: optimizer.betas: wanted a list of [2] numbers",
                "precision: bf16 | precision: bf17 | r.yaml:17: precision: got [bf17], wanted bf16,",
                "folder: pictures | mundo: 3 | r.yaml:5: data: got [], wanted one of [folder, webdataset, parquet]",
                "output: run | 'output: [run' | r.yaml:3: is not YAML",
            })
    void errorsNameTheLine(String right, String wrong, String message) {
        assertThat(RECIPE).contains(right);
        assertThatThrownBy(() -> read(RECIPE.replace(right, wrong), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .message()
                .hasLineCount(1);
    }

    @Test
    void overridesTakeThePlaceOfWhatTheFileSays() throws IOException {
        Recipe recipe = read(RECIPE, Map.of("steps", "7", "optimizer.schedule", "cosine", "ema.decay", "0.5"));
        assertThat(recipe.config().steps()).isEqualTo(7);
        assertThat(recipe.config().schedule().at(7, 1)).isZero();
        assertThat(recipe.config().ema()).isNotNull();
        assertThatThrownBy(() -> read(RECIPE, Map.of("optimizer.leaning_rate", "1")))
                .hasMessageStartingWith(
                        "--set optimizer.leaning_rate: optimizer.leaning_rate is not known: use learning_rate,");
    }
}
