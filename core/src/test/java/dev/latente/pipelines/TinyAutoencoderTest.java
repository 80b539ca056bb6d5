package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny autoencoder in the place of a checkpoint's own, in the layouts in which they are published. */
class TinyAutoencoderTest {
    private static final Path TINY = Path.of("src/test/resources/golden/taesd/tiny/model");
    private static final Path WEIGHTS = TINY.resolve("diffusion_pytorch_model.safetensors");
    private static final Request REQUEST = Request.of("a tree").withSteps(2).withSeed(1);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @BeforeEach
    void write() {
        TinyCheckpoint.write(folder.resolve("checkpoint"));
    }

    private Checkpoint with(Path vae) {
        return Checkpoint.load(folder.resolve("checkpoint"), LoadOptions.DEFAULT.withComponent("vae", vae));
    }

    private Picture drawn(Path vae) {
        try (Checkpoint checkpoint = with(vae)) {
            return new TextToImage(checkpoint).generate(REQUEST).get(0);
        }
    }

    private static Picture changed(Checkpoint checkpoint, Picture picture) {
        return new ImageToImage(checkpoint)
                .generate(REQUEST, Source.of(picture, 0.5), Progress.NONE)
                .get(0);
    }

    @Test
    void aFolderAFileAndThePublishedDecoderDrawTheSame() {
        Picture ofFolder = drawn(TINY);
        assertThat(ofFolder.width()).isEqualTo(32);
        try (Checkpoint own = Checkpoint.load(folder.resolve("checkpoint"))) {
            assertThat(ofFolder)
                    .isNotEqualTo(new TextToImage(own).generate(REQUEST).get(0));
        }
        assertThat(drawn(WEIGHTS)).isEqualTo(ofFolder);
        assertThat(drawn(decoder())).isEqualTo(ofFolder);
    }

    @Test
    void bothHalvesChangeAPictureAndADecoderAloneRefuses() {
        Picture picture = drawn(TINY);
        try (Checkpoint ofFolder = with(TINY);
                Checkpoint ofFile = with(WEIGHTS);
                Checkpoint half = with(decoder())) {
            assertThat(changed(ofFile, picture)).isEqualTo(changed(ofFolder, picture));
            assertThatThrownBy(() -> changed(half, picture))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "tiny autoencoder: has no encoder, which a picture to start from needs: take one with both halves");
        }
    }

    @Test
    void anEncoderAloneIsNoAutoencoder() {
        Path encoder = part(
                "taesd_encoder.safetensors",
                name -> name.startsWith("encoder.layers.") ? name.substring("encoder.layers.".length()) : null);
        assertThatThrownBy(() -> with(encoder)).hasMessageContaining("decoder.layers.0.weight");
    }

    @Test
    void theBudgetCountsItsWeightsAndLayers() {
        Path checkpoint = folder.resolve("checkpoint");
        CheckpointFiles.Options options =
                LoadOptions.DEFAULT.withComponent("vae", TINY).files();
        Size size = new Size(32, 32);
        try (CheckpointFiles tiny = CheckpointFiles.open(checkpoint, options);
                TensorFile weights = Safetensors.open(WEIGHTS)) {
            MemoryBudget budget = MemoryBudget.of(tiny, DType.F32, size, 1);
            assertThat(budget.parts())
                    .filteredOn(part -> part.name().equals("vae"))
                    .singleElement()
                    .extracting(MemoryBudget.Part::bytes)
                    .isEqualTo(weights.tensors().values().stream()
                            .mapToLong(TensorInfo::bytes)
                            .sum());
            // At least a block's input and output at the finest level; not the whole network at once.
            long finest = 4L * 32 * 32 * 8;
            assertThat(budget.decode()).isBetween(2 * finest, 16 * finest);
            assertThat(MemoryBudget.usualSize(tiny)).isEqualTo(size);
        }
    }

    @Test
    void otherArchitecturesAreRefused() {
        assertThatThrownBy(() -> AutoencoderTinyConfig.of(Json.parse("{\"upsampling_scaling_factor\": 4}")))
                .hasMessage("tiny autoencoder: [upsampling_scaling_factor] is [4], wanted 2");
        assertThatThrownBy(() -> AutoencoderTinyConfig.of(Json.parse("{\"num_decoder_blocks\": [3, 1]}")))
                .hasMessageContaining("wanted as many levels");
        assertThatThrownBy(() ->
                        AutoencoderTinyConfig.of(Json.parse("{\"encoder_block_out_channels\": [64, 64, 64, 32]}")))
                .hasMessageContaining("one number for all levels");
    }

    /** As {@code taesd_decoder.safetensors}: layers are counted from 1. */
    private Path decoder() {
        String start = "decoder.layers.";
        return part("taesd_decoder.safetensors", name -> {
            if (!name.startsWith(start)) {
                return null;
            }
            String rest = name.substring(start.length());
            int dot = rest.indexOf('.');
            return Integer.parseInt(rest.substring(0, dot)) + 1 + rest.substring(dot);
        });
    }

    /** Writes those weights that have another name; the others are left out. */
    private Path part(String file, UnaryOperator<@Nullable String> rename) {
        Path target = folder.resolve(file);
        try (TensorFile all = Safetensors.open(WEIGHTS)) {
            Map<String, String> names = new LinkedHashMap<>();
            for (String name : all.keys()) {
                String other = rename.apply(name);
                if (other != null) {
                    names.put(other, name);
                }
            }
            List<TensorInfo> infos = names.entrySet().stream()
                    .map(e -> {
                        TensorInfo info = Objects.requireNonNull(all.tensors().get(e.getValue()));
                        return new TensorInfo(e.getKey(), info.dtype(), info.shape(), info.bytes());
                    })
                    .toList();
            SafetensorsWriter.of(infos, name -> all.tensor(Objects.requireNonNull(names.get(name))))
                    .write(target);
        }
        return target;
    }
}
