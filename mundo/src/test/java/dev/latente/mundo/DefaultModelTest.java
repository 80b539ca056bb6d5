package dev.latente.mundo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.mundo.judge.Judge;
import dev.latente.mundo.judge.Verdict;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefaultModelTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path model;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path cache;

    @BeforeEach
    void writeModel() {
        TinyMundo.write(model);
    }

    private @Nullable InputStream resource(String name) {
        try {
            Path file = model.resolve(name);
            return Files.exists(file) ? Files.newInputStream(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void isUnpackedOnceAndDraws() throws Exception {
        Path folder = DefaultModel.unpack(this::resource, cache);
        Path unet = folder.resolve("unet/diffusion_pytorch_model.safetensors");
        assertThat(unet).hasSameBinaryContentAs(model.resolve("unet/diffusion_pytorch_model.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.load(folder)) {
            Request request = Request.of("a red circle").withSteps(checkpoint.usualSteps());
            assertThat(new TextToImage(checkpoint).generate(request).get(0).width())
                    .isEqualTo(Painter.SIZE);
        }
        var written = Files.getLastModifiedTime(unet);
        Files.delete(folder.resolve("latente.json"));
        assertThat(DefaultModel.unpack(this::resource, cache)).isEqualTo(folder);
        assertThat(folder.resolve("latente.json")).exists();
        assertThat(Files.getLastModifiedTime(unet)).isEqualTo(written);
        try (Stream<Path> all = Files.walk(cache)) {
            assertThat(all).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    /** Training has shown no astronaut on a horse on Mars. */
    @Test
    void theOneThatComesAlongDrawsWhatItHasNotSeen() {
        try (Checkpoint checkpoint = Checkpoint.load(DefaultModel.path());
                Judge judge = Judge.load()) {
            Request request =
                    Request.of("un astronauta montando un caballo en Marte").withSeed(7);
            Request usual = request.withSteps(checkpoint.usualSteps()).withGuiding(checkpoint.usualGuiding());
            Verdict seen =
                    judge.judge(new TextToImage(checkpoint).generate(usual)).get(0);
            assertThat(seen.place()).isEqualTo(Place.MARS);
            assertThat(seen.subject()).isEqualTo(Subject.ASTRONAUT);
            assertThat(seen.mount()).isEqualTo(Mount.HORSE);
        }
    }

    @Test
    void aFileThatIsNotWhatWasPackedIsRefused() throws Exception {
        Files.writeString(model.resolve("vae/config.json"), "{}");
        assertThatThrownBy(() -> DefaultModel.unpack(this::resource, cache))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("vae/config.json")
                .hasMessageContaining("sha256");
    }

    @Test
    void aBuildWithoutItSaysSo() throws Exception {
        Files.delete(model.resolve("SHA256SUMS"));
        assertThatThrownBy(() -> DefaultModel.unpack(this::resource, cache))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("SHA256SUMS")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(cache.resolve("file"), "");
        assertThatThrownBy(() -> DefaultModel.unpack(this::resource, file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("LATENTE_HOME");
    }

    @Test
    void theEnvironmentSaysWhere() {
        Path home = Path.of("home");
        assertThat(DefaultModel.cache(Map.of(), home)).isEqualTo(Path.of("home/.cache/latente"));
        assertThat(DefaultModel.cache(Map.of("XDG_CACHE_HOME", "caches"), home)).isEqualTo(Path.of("caches/latente"));
        assertThat(DefaultModel.cache(Map.of("XDG_CACHE_HOME", "caches", "LATENTE_HOME", "own"), home))
                .isEqualTo(Path.of("own"));
    }
}
