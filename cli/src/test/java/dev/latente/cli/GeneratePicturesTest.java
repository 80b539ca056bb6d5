package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.weights.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** The command draws the reference's pictures, given the reference's arguments. */
class GeneratePicturesTest {
    private static final Path CASES = Path.of("../core/src/test/resources/golden/pipelines");

    private static final Map<String, String> SAMPLERS = Map.ofEntries(
            Map.entry("DDIMScheduler", "ddim"),
            Map.entry("DDPMScheduler", "ddpm"),
            Map.entry("DEISMultistepScheduler", "deis"),
            Map.entry("DPMSolverMultistepScheduler", "dpmpp_2m"),
            Map.entry("DPMSolverSinglestepScheduler", "dpmpp_2s"),
            Map.entry("EulerAncestralDiscreteScheduler", "euler_a"),
            Map.entry("EulerDiscreteScheduler", "euler"),
            Map.entry("HeunDiscreteScheduler", "heun"),
            Map.entry("KDPM2AncestralDiscreteScheduler", "dpm2_a"),
            Map.entry("LCMScheduler", "lcm"),
            Map.entry("LMSDiscreteScheduler", "lms"),
            Map.entry("PNDMScheduler", "pndm"),
            Map.entry("UniPCMultistepScheduler", "unipc"));

    /** The reference's arguments, and the options that mean the same. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("negative_prompt", "--negative"),
            Map.entry("prompt_2", "--prompt-2"),
            Map.entry("negative_prompt_2", "--negative-2"),
            Map.entry("num_inference_steps", "--steps"),
            Map.entry("guidance_scale", "--guidance"),
            Map.entry("guidance_rescale", "--guidance-rescale"),
            Map.entry("eta", "--eta"),
            Map.entry("clip_skip", "--clip-skip"),
            Map.entry("strength", "--strength"),
            Map.entry("aesthetic_score", "--aesthetic-score"),
            Map.entry("negative_aesthetic_score", "--negative-aesthetic-score"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @TestFactory
    Stream<DynamicTest> referencePictures() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> cases = Files.list(CASES)) {
            for (Path dir : cases.sorted().toList()) {
                JsonNode json = Json.read(dir.resolve("case.json"));
                json.path("variants").properties().forEach(v -> {
                    if (expressible(v.getValue())) {
                        tests.add(DynamicTest.dynamicTest(
                                dir.getFileName() + "/" + v.getKey(), () -> check(dir, v.getKey(), v.getValue())));
                    }
                });
            }
        }
        return tests.stream();
    }

    /** One prompt, pictures as files, nothing that only a program can give. */
    private static boolean expressible(JsonNode v) {
        JsonNode a = v.path("arguments");
        return a.path("prompt").isString()
                && v.path("generator_seed").isNumber()
                && !a.has("latents")
                && !a.has("output_type")
                && !a.has("original_size")
                && (!a.has("image") || a.path("image").has("png"));
    }

    /** LoRAs and learned words, over the checkpoints of other cases. */
    @TestFactory
    Stream<DynamicTest> picturesWithAdapters() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : List.of("sd1", "textual_inversion")) {
            Path dir = CASES.resolveSibling("lora").resolve(name);
            JsonNode json = Json.read(dir.resolve("case.json"));
            Path model = CASES.resolveSibling(json.path("base_model").asString());
            json.path("variants").properties().forEach(v -> {
                String file = dir.resolve(v.getKey()).resolve("..").normalize().toString();
                String token = v.getValue().path("token").asString("");
                List<String> adapter = name.equals("sd1")
                        ? List.of("--lora", file + ":1.0")
                        : List.of("--embedding", token.isEmpty() ? file : file + ":" + token);
                tests.add(DynamicTest.dynamicTest(
                        v.getKey(), () -> check(dir, model, v.getKey().replace("/", "__"), v.getValue(), adapter)));
            });
        }
        return tests.stream();
    }

    private void check(Path dir, String name, JsonNode v) {
        check(dir, dir.resolve("model"), name, v, List.of());
    }

    private void check(Path dir, Path model, String name, JsonNode v, List<String> more) {
        JsonNode a = v.path("arguments");
        int images = a.path("num_images_per_prompt").asInt(1);
        Path out = folder.resolve("out.png");
        List<String> args = arguments(dir, model, v, out);
        args.addAll(more);
        assertThat(run(args.toArray(new String[0]))).isZero();
        for (int i = 0; i < images; i++) {
            Path drawn = images == 1 ? out : folder.resolve("out-%d.png".formatted(i + 1));
            Path expected = dir.resolve("images/%s_%d.png".formatted(name, i));
            assertThat(psnr(PictureFiles.read(drawn), PictureFiles.read(expected)))
                    .isGreaterThan(45);
        }
    }

    private static List<String> arguments(Path dir, Path model, JsonNode v, Path out) {
        JsonNode a = v.path("arguments");
        List<String> args = new ArrayList<>(List.of("generate", a.path("prompt").asString()));
        args.addAll(List.of("--model", model.toString(), "--output", out.toString(), "--syntax", "plain"));
        args.addAll(List.of("--seed", v.path("generator_seed").asString(), "--quiet"));
        args.addAll(List.of("--sampler", SAMPLERS.get(v.path("scheduler_class").asString())));
        v.path("scheduler_overrides").properties().forEach(s -> {
            args.addAll(List.of("--set", s.getKey() + "=" + s.getValue().asString()));
            if (s.getKey().equals("algorithm_type")) {
                args.addAll(List.of("--sampler", "dpmpp_2m_sde"));
            }
        });
        OPTIONS.forEach((argument, option) -> {
            if (a.has(argument)) {
                args.addAll(List.of(option, a.path(argument).asString()));
            }
        });
        if (a.has("height")) {
            args.addAll(List.of(
                    "--size", a.path("width").asInt() + "x" + a.path("height").asInt()));
        }
        if (a.has("timesteps")) {
            List<String> list = new ArrayList<>();
            a.path("timesteps").forEach(t -> list.add(t.asString()));
            args.addAll(List.of("--timesteps", String.join(",", list)));
        }
        if (a.has("image")) {
            args.addAll(List.of(
                    "--init",
                    dir.resolve(a.path("image").path("png").asString()).toString()));
        }
        if (a.has("mask_image")) {
            args.addAll(List.of(
                    "--mask",
                    dir.resolve(a.path("mask_image").path("png").asString()).toString()));
        }
        if (a.path("num_images_per_prompt").asInt(1) > 1) {
            args.addAll(List.of("--batch", a.path("num_images_per_prompt").asString(), "--one-generator"));
        }
        return args;
    }

    @Test
    void aPictureTellsHowToMakeItAgain() throws Exception {
        Path dir = CASES.resolve("sd1");
        again("-m", dir.resolve("model").toString(), "--negative=-blurry", "--", "-a (red:1.3) fox, [cat:dog:0.5]");
        again(
                "a fox",
                "-m",
                dir.resolve("model").toString(),
                "--init",
                dir.resolve("images/inpaint4_0.6_ddim_image.png").toString(),
                "--mask",
                dir.resolve("images/inpaint4_0.6_ddim_mask_image.png").toString(),
                "--only-masked",
                "--set",
                "clip_sample=false");
    }

    private void again(String... arguments) throws Exception {
        Path first = folder.resolve("first.png");
        Path second = folder.resolve("second.png");
        List<String> args = new ArrayList<>(List.of("generate", "--steps=3", "--quiet", "-o", first.toString()));
        args.addAll(List.of(arguments));
        assertThat(run(args.toArray(new String[0]))).isZero();
        assertThat(run("generate", "--from", first.toString(), "-o", second.toString(), "-q"))
                .isZero();
        assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
        assertThat(PictureFiles.text(first).get("parameters")).contains("Steps: 3", "Seed: ", "Size: ");
    }

    @Test
    void aPictureSteers() throws Exception {
        Path control = CASES.resolveSibling("control/controlnet_sd1");
        String[] steered = {
            "a fox",
            "-m",
            CASES.resolve("sd1/model").toString(),
            "--controlnet",
            control.resolve("controlnet").toString(),
            "--control-image",
            control.resolve("images/pipe_scale1_image.png").toString(),
            "--control-scale",
            "0.7",
            "--control-to",
            "0.8",
            "--control-canny",
            "50,100",
            "--control-guess"
        };
        again(steered);
        byte[] first = Files.readAllBytes(folder.resolve("second.png"));
        run(
                "generate",
                "--from",
                folder.resolve("first.png").toString(),
                "--control-scale=0",
                "-o",
                folder + "/0.png",
                "-q");
        assertThat(Files.readAllBytes(folder.resolve("0.png"))).isNotEqualTo(first);
        assertThat(run("generate", "a fox", "--controlnet", control + "/controlnet", "-m", steered[2], "-q"))
                .isNotZero();
    }

    @Test
    void theBudgetCountsWhatSteersAndWhatRefines() throws Exception {
        Path cases = CASES.resolveSibling("control");
        Path ip = cases.resolve("ip_adapter_plus_sd1");
        String model = CASES.resolve("sd1/model").toString();
        String picture =
                cases.resolve("t2i_light_adapter/images/pipe_image.png").toString();
        List<String> plain = List.of("generate", "a fox", "-m", model, "--steps", "2", "--json", "--memory");
        JsonNode alone = memory(plain);
        List<String> steered = new ArrayList<>(plain);
        steered.addAll(List.of(
                "--controlnet", cases.resolve("controlnet_sd1/controlnet").toString()));
        steered.addAll(List.of("--control-image", picture, "--t2i-image", picture));
        steered.addAll(List.of(
                "--t2i-adapter", cases.resolve("t2i_light_adapter/adapter").toString()));
        steered.addAll(List.of("--ip-adapter", ip.resolve("ip-adapter-plus.bin").toString()));
        steered.addAll(List.of("--ip-picture", picture, "--refiner", model));
        JsonNode all = memory(steered);
        assertThat(all.path("weights").propertyNames())
                .containsAll(alone.path("weights").propertyNames())
                .contains("controlnet", "t2i_adapter", "ip_adapter", "image_encoder", "refiner unet", "refiner vae");
        assertThat(all.path("step").asLong()).isGreaterThan(alone.path("step").asLong());
        assertThat(all.path("loading").asLong()).isPositive();
    }

    private JsonNode memory(List<String> command) throws Exception {
        List<String> args = new ArrayList<>(command);
        args.addAll(List.of("-o", folder.resolve("memory.png").toString()));
        StringWriter out = new StringWriter();
        int status = Main.commandLine().setOut(new PrintWriter(out)).execute(args.toArray(new String[0]));
        assertThat(status).isZero();
        return Json.parse(out.toString()).path("memory");
    }

    @Test
    void adaptersSteer() throws Exception {
        Path cases = CASES.resolveSibling("control");
        Path ip = cases.resolve("ip_adapter_plus_sd1");
        String picture = ip.resolve("images/pipe_picture.png").toString();
        String model = CASES.resolve("sd1/model").toString();
        again(
                "a fox",
                "-m",
                model,
                "--t2i-adapter",
                cases.resolve("t2i_light_adapter/adapter").toString(),
                "--t2i-image",
                cases.resolve("t2i_light_adapter/images/pipe_image.png").toString(),
                "--t2i-scale",
                "0.9",
                "--t2i-to",
                "0.7",
                "--ip-adapter",
                ip.resolve("ip-adapter-plus.bin").toString(),
                "--ip-picture",
                picture,
                "--ip-picture",
                ip.resolve("images/pipe_picture2.png").toString(),
                "--ip-negative",
                picture,
                "--ip-scale",
                "up.1.1=0.7,down.0=0.3");
        byte[] first = Files.readAllBytes(folder.resolve("second.png"));
        for (String change : List.of("--t2i-scale=0", "--t2i-to=0.1", "--ip-scale=0")) {
            Path other = folder.resolve("other.png");
            assertThat(run("generate", "--from", folder + "/first.png", change, "-o", other.toString(), "-q"))
                    .isZero();
            assertThat(Files.readAllBytes(other)).as(change).isNotEqualTo(first);
        }
        String adapter = ip.resolve("ip-adapter-plus.bin").toString();
        assertThat(run("generate", "a fox", "--ip-adapter", adapter, "-m", model, "-q"))
                .isNotZero();
        assertThat(run("generate", "a fox", "--t2i-adapter", model, "-m", model, "-q"))
                .isNotZero();
    }

    @Test
    void severalPicturesAreTheSameAsEachAlone() throws Exception {
        String model = CASES.resolve("sd1/model").toString();
        Path both = folder.resolve("both.png");
        Path second = folder.resolve("second.png");
        run(
                "generate",
                "a fox",
                "-m",
                model,
                "--steps",
                "2",
                "--seed",
                "5",
                "--count",
                "2",
                "-o",
                both.toString(),
                "-q");
        run("generate", "a fox", "-m", model, "--steps", "2", "--seed", "6", "-o", second.toString(), "-q");
        assertThat(Files.readAllBytes(folder.resolve("both-2.png"))).isEqualTo(Files.readAllBytes(second));
    }

    @Test
    void aLargerSecondPassIsLarger() {
        Path out = folder.resolve("large.png");
        String model = CASES.resolve("sd1/model").toString();
        assertThat(run("generate", "a fox", "-m", model, "--steps", "2", "--hires", "1.5", "-o", out.toString(), "-q"))
                .isZero();
        assertThat(PictureFiles.read(out).width()).isEqualTo(48);
    }

    private static int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setOut(new PrintWriter(new StringWriter()));
        return line.execute(args);
    }

    private static double psnr(Picture a, Picture b) {
        assertThat(a.toString()).isEqualTo(b.toString());
        double sum = 0;
        for (int i = 0; i < a.data().length; i++) {
            double d = (a.data()[i] & 255) - (b.data()[i] & 255);
            sum += d * d;
        }
        return sum == 0 ? 99 : 10 * Math.log10(255 * 255 * a.data().length / sum);
    }
}
