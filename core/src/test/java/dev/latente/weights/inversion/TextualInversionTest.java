package dev.latente.weights.inversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Arena;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoNativeLeaks.class)
class TextualInversionTest {
    private static final String TABLE = "text_model.embeddings.token_embedding.weight";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private static Tensor vectors() {
        return Ops.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    }

    @Test
    void whatIsWrittenIsRead() {
        Path file = folder.resolve("learned_embeds.safetensors");
        Path two = folder.resolve("cat.safetensors");
        Scopes.run(() -> {
            new TextualInversion("<cat>", Map.of("text_encoder", vectors())).write(file);
            new TextualInversion("<cat>", Map.of("text_encoder", vectors(), "text_encoder_2", vectors())).write(two);
        });
        try (Arena arena = new Arena()) {
            TextualInversion read = TextualInversion.read(file, null, arena);
            assertThat(read.token()).isEqualTo("<cat>");
            Tensor x = Objects.requireNonNull(read.vectors().get("text_encoder"));
            assertThat(Scopes.within(() -> Ops.floats(x))).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(TextualInversion.read(file, "dog", arena).token()).isEqualTo("dog");
            // Two text encoders leave no room for the word: it is the file's name.
            assertThat(TextualInversion.read(two, null, arena).token()).isEqualTo("cat");
            assertThat(TextualInversion.read(two, null, arena).vectors())
                    .containsOnlyKeys("text_encoder", "text_encoder_2");
        }
    }

    @Test
    void manyWordsAreRefused() {
        Path file = folder.resolve("words.safetensors");
        Scopes.run(() ->
                SafetensorsWriter.of(Map.of("a", vectors(), "b", vectors())).write(file));
        try (Arena arena = new Arena()) {
            assertThatThrownBy(() -> TextualInversion.read(file, null, arena))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("2 tensors");
        }
    }

    @Test
    void vectorsTakeRowsAndGradients() {
        Scopes.run(() -> {
            WeightSource base = WeightSources.random(0);
            float[] table = Ops.floats(base.get(TABLE, 5, 3));
            Tensor rows = vectors().requires_grad_(true);
            Tensor grown = TextualInversion.withVectors(base, 5, 4, rows).get(TABLE, 6, 3);
            assertThat(Ops.shape(grown)).containsExactly(6, 3);
            assertThat(Ops.floats(grown.narrow(0, 0, 4))).containsExactly(Arrays.copyOf(table, 12));
            assertThat(Ops.floats(grown.narrow(0, 4, 2))).containsExactly(1, 2, 3, 4, 5, 6);
            grown.sum().backward();
            assertThat(Ops.floats(rows.grad())).containsOnly(1);
        });
    }

    @Test
    void vectorsOfAnotherModelAreRefused() {
        Scopes.run(() -> {
            WeightSource source = TextualInversion.withVectors(WeightSources.random(0), 5, 5, vectors());
            assertThatThrownBy(() -> source.get(TABLE, 7, 4)).hasMessageContaining("vectors of 3 numbers");
            assertThatThrownBy(() -> TextualInversion.withVectors(WeightSources.random(0), 5, 6, vectors()))
                    .hasMessageContaining("id [6]");
        });
    }
}
