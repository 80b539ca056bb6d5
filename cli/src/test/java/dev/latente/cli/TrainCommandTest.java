package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.mundo.DefaultModel;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.ImageToImage;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.Progress;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Source;
import dev.latente.pipelines.TextToImage;
import dev.latente.training.recipe.Recipe;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Recipes are followed, from nothing to a picture, and by a run that is killed as by one that is not. */
class TrainCommandTest {
    private static final int STEPS = 12;

    private static final String DATA = """
            data:
              mundo: {first: 0, count: 32}
              size: 128
              batch: 4
            """;

    private static final String VAE = """
            train: vae
            steps: 12
            save_every: 2
            model:
              config:
                block_out_channels: [8, 8, 16, 16]
                down_block_types: [DownEncoderBlock2D, DownEncoderBlock2D, DownEncoderBlock2D, DownEncoderBlock2D]
                up_block_types: [UpDecoderBlock2D, UpDecoderBlock2D, UpDecoderBlock2D, UpDecoderBlock2D]
                layers_per_block: 1
                norm_num_groups: 4
            objective: {crop: 32}
            optimizer: {learning_rate: 3e-3, schedule: cosine, warmup: 1, betas: [0.9, 0.99]}
            ema: {decay: 0.9}
            """ + DATA;

    private static final String CLIP = """
            train: clip
            steps: 20
            model:
              config:
                projection_dim: 16
                text_config: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 32}
                vision_config: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, image_size: 128, patch_size: 32}
            optimizer: {learning_rate: 3e-3}
            """ + DATA;

    private static final String UNET = """
            train: unet
            steps: 20
            model:
              parts: MODEL
              config:
                sample_size: 16
                block_out_channels: [8, 16]
                down_block_types: [DownBlock2D, CrossAttnDownBlock2D]
                up_block_types: [CrossAttnUpBlock2D, UpBlock2D]
                layers_per_block: 1
                attention_head_dim: 2
                norm_num_groups: 4
                cross_attention_dim: 16
            objective: {prediction: v_prediction, zero_terminal_snr: true}
            optimizer: {learning_rate: 5e-3}
            sample_every: 20
            samples: {prompts: [a cat], steps: 2}
            """ + DATA.replace("batch: 4", "batch: 16");

    private static final String TAESD = """
            train: taesd
            steps: 20
            base: {checkpoint: mundo}
            model:
              config:
                encoder_block_out_channels: [8, 8, 8, 8]
                decoder_block_out_channels: [8, 8, 8, 8]
                num_encoder_blocks: [1, 1, 1, 1]
                num_decoder_blocks: [1, 1, 1, 1]
            objective: {crop: 64}
            optimizer: {learning_rate: 3e-3}
            sample_every: 20
            """ + DATA;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final StringWriter err = new StringWriter();

    private int run(List<String> args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(new StringWriter(), true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args.toArray(new String[0]));
    }

    private List<String> train(String recipe, String name) throws IOException {
        Path model = folder.resolve("model");
        Path file = Files.writeString(folder.resolve(name + ".yaml"), recipe.replace("MODEL", model.toString()));
        return List.of(
                "train",
                file.toString(),
                "--threads=1",
                "--set=output=" + folder.resolve(name),
                "--set=export=" + (recipe.equals(VAE) ? folder.resolve(name + "-model") : model));
    }

    private List<Double> losses(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve("log.jsonl"), StandardCharsets.UTF_8).stream()
                .map(line -> Json.parse(line).path("loss").asDouble())
                .toList();
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    @Test
    void threeRecipesMakeACheckpoint() throws IOException {
        for (String[] each : new String[][] {{VAE, "vae"}, {CLIP, "clip"}, {UNET, "unet"}}) {
            learns(each[0], each[1], folder.resolve("model"));
        }
        assertThat(folder.resolve("unet").resolve("report").resolve("samples")).isNotEmptyDirectory();
        try (Checkpoint checkpoint = Checkpoint.load(folder.resolve("model"))) {
            assertThat(checkpoint.usualSteps()).isEqualTo(2);
            Request request = Request.of("a cat on the moon").withSteps(2);
            assertThat(new TextToImage(checkpoint).generate(request)).hasSize(1);
        }
    }

    private void learns(String recipe, String name, Path export, String... settings) throws IOException {
        List<String> args = new ArrayList<>(train(recipe, name));
        args.add("--set=export=" + export);
        args.addAll(List.of(settings));
        assertThat(run(args)).as(err.toString()).isZero();
        List<Double> losses = losses(name);
        int n = losses.size();
        assertThat(mean(losses.subList(n - 4, n))).as(name).isLessThan(mean(losses.subList(0, 4)));
    }

    @Test
    void theTextEncoderLearnsBesideTheUNet() throws IOException {
        Path parts = folder.resolve("model");
        Path together = folder.resolve("together");
        learns(VAE, "vae", parts);
        learns(CLIP, "clip", parts);
        byte[] before = textEncoder(parts);
        String[] settings = {
            "--set=model.train_text_encoder=true",
            "--set=data.accumulation=2",
            "--set=workers=2",
            "--set=objective.timestep_sampling=logit_normal"
        };
        learns(UNET, "unet", together, settings);
        assertThat(textEncoder(parts)).isEqualTo(before);
        assertThat(textEncoder(together)).hasSameSizeAs(before).isNotEqualTo(before);
        try (Checkpoint checkpoint = Checkpoint.load(together)) {
            Request request = Request.of("a cat on the moon").withSteps(2);
            assertThat(new TextToImage(checkpoint).generate(request)).hasSize(1);
        }

        List<String> inPlace = new ArrayList<>(train(UNET, "unet"));
        inPlace.add(settings[0]);
        assertThat(run(inPlace)).isEqualTo(2);
        assertThat(err.toString()).contains("train_text_encoder:", "export to another folder");
    }

    @Test
    void aTinyAutoencoderLearnsFromAWholeOneAndTakesItsPlace() throws IOException {
        Path tiny = folder.resolve("tiny");
        learns(TAESD, "taesd", tiny);
        assertThat(folder.resolve("taesd").resolve("report").resolve("samples")).isNotEmptyDirectory();
        LoadOptions options = LoadOptions.DEFAULT.withComponent("vae", tiny);
        try (Checkpoint checkpoint = Checkpoint.load(DefaultModel.path(), options)) {
            Request request = Request.of("a cat on the moon").withSteps(2);
            Picture picture = new TextToImage(checkpoint).generate(request).get(0);
            assertThat(picture.width()).isEqualTo(128);
            assertThat(new ImageToImage(checkpoint).generate(request, Source.of(picture, 0.5), Progress.NONE))
                    .hasSize(1);
        }

        List<String> other = new ArrayList<>(train(TAESD, "taesd"));
        other.add("--set=model.config.latent_channels=8");
        assertThat(run(other)).isEqualTo(2);
        assertThat(err.toString()).contains("[8] channels for [8] pixels, wanted [4] for [8]");
    }

    private static byte[] textEncoder(Path model) throws IOException {
        return Files.readAllBytes(model.resolve("text_encoder").resolve("model.safetensors"));
    }

    /** Three times something kills it in the middle, whatever it does; then it may end. */
    @Test
    void aKilledRunEndsLikeOneThatWasNot() throws IOException, InterruptedException {
        assertThat(run(train(VAE, "whole"))).as(err.toString()).isZero();
        List<String> args = train(VAE, "killed");
        SplittableRandom random = new SplittableRandom(5);
        for (int kill = 1; kill <= 3; kill++) {
            killAfter(args, 3 * kill - 1 + random.nextInt(2), random.nextInt(60));
        }
        assertThat(run(args)).as(err.toString()).isZero();
        assertThat(contents("killed")).isEqualTo(contents("whole"));
        assertThat(losses("whole")).hasSize(STEPS);
    }

    private void killAfter(List<String> args, int steps, int milliseconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dorg.bytedeco.javacpp.maxbytes=0",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(args);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile())
                .start();
        Path log = folder.resolve("killed").resolve("log.jsonl");
        while (process.isAlive() && lines(log) < steps) {
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        assertThat(process.isAlive() || lines(log) >= steps)
                .as(Files.readString(folder.resolve("out.txt")))
                .isTrue();
        process.destroyForcibly().waitFor();
    }

    private static long lines(Path log) throws IOException {
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.count();
        }
    }

    /** The log, the last checkpoint with weights, average and optimiser, and what was exported. */
    private List<String> contents(String name) throws IOException {
        List<String> out = new ArrayList<>();
        for (Path file : List.of(
                folder.resolve(name).resolve("log.jsonl"),
                folder.resolve(name).resolve("checkpoints").resolve("step-%010d.safetensors".formatted(STEPS)),
                folder.resolve(name + "-model").resolve("vae").resolve("diffusion_pytorch_model.safetensors"),
                folder.resolve(name + "-model").resolve("vae").resolve("config.json"))) {
            byte[] bytes = Files.readAllBytes(file);
            out.add("%s: %d bytes, %08x".formatted(file.getFileName(), bytes.length, Arrays.hashCode(bytes)));
        }
        return out;
    }

    @Test
    void aWrongKeyIsAWrongInput() throws IOException {
        List<String> args = new ArrayList<>(train(VAE, "wrong"));
        args.add("--set=optimizer.learning_rat=1");
        assertThat(run(args)).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("optimizer.learning_rat is not known: use learning_rate");
    }

    @Test
    void aRunThatDivergesSaysSoAndStops() throws IOException {
        List<String> args = new ArrayList<>(train(VAE, "diverged"));
        args.addAll(List.of("--set=optimizer.learning_rate=1e30", "--set=optimizer.warmup=0"));
        assertThat(run(args)).isEqualTo(Main.FAILURE);
        assertThat(err.toString()).contains("diverged").doesNotContain(Main.message("debug"));
    }

    /** So nothing in the published recipes is misspelt. */
    @TestFactory
    Stream<DynamicTest> publishedRecipesAreRead() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../recipes"))) {
            return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList().stream()
                    .map(f -> DynamicTest.dynamicTest(
                            f.toString(),
                            () -> assertThat(Recipe.read(f, Map.of(), TrainCommand.MUNDO)
                                            .config()
                                            .steps())
                                    .isPositive()));
        }
    }
}
