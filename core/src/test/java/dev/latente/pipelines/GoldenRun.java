package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.Steps;
import dev.latente.golden.GoldenCase;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.VaeImages;
import dev.latente.tensor.Ops;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One run of a case, of a checkpoint that may be loaded with adapters: its timesteps, latents after every call, pictures. */
final class GoldenRun {
    private final GoldenCase c;
    private final String name;
    private final Path model;
    private final LoadOptions options;
    private final GoldenRequest asked;
    private final JsonNode arguments;

    GoldenRun(GoldenCase c, String name, Path model, LoadOptions options) {
        this.c = c;
        this.name = name;
        this.model = model;
        this.options = options;
        asked = new GoldenRequest(c, name, model);
        arguments = asked.arguments();
    }

    GoldenRequest asked() {
        return asked;
    }

    /** Runs what is asked, with what else the request has, and compares. */
    void check(Request request) {
        try (Checkpoint checkpoint = Checkpoint.load(model, options)) {
            checkTimesteps(checkpoint, request);
            if (arguments.has("padding_mask_crop")) {
                checkPng(new Inpaint(checkpoint)
                        .generate(request, source(), Progress.NONE)
                        .toArray(new Picture[0]));
                return;
            }
            Tensor latents = latents(checkpoint, request);
            if (c.has(name + "/image")
                    && arguments.path("output_type").asString("pil").equals("pil")) {
                checkPictures(checkpoint, latents);
            }
        }
    }

    private Tensor latents(Checkpoint checkpoint, Request request) {
        Progress progress = (call, calls, x) -> {
            String key = "%s/latents.%03d".formatted(name, call - 1);
            if (c.has(key)) {
                c.assertClose(key, x);
            }
            assertThat(calls).isEqualTo(asked.calls());
        };
        if (arguments.has("latents") || arguments.has("prompt_embeds")) {
            return given(checkpoint, request, progress);
        }
        if (asked.enlarges()) {
            Tensor small = VaeImages.normalize(asked.png("image").rgb().toTensor());
            return new DiffusionUpscale(checkpoint)
                    .latents(request, small, arguments.path("noise_level").asInt(20), progress);
        }
        if (arguments.has("denoising_start")) {
            Tensor noisy = asked.input("image");
            noisy = noisy.repeat(request.batch() / noisy.size(0), 1, 1, 1);
            return new ImageToImage(checkpoint).resume(request, noisy, request.steps(), progress);
        }
        if (arguments.has("mask_image")) {
            return new Inpaint(checkpoint)
                    .latents(
                            request, image(checkpoint, request), mask(checkpoint, request), asked.strength(), progress);
        }
        return asked.starts()
                ? new ImageToImage(checkpoint).latents(request, image(checkpoint, request), asked.strength(), progress)
                : new TextToImage(checkpoint).latents(request, progress);
    }

    /** Runs that are given their start or their conditioning. */
    private Tensor given(Checkpoint checkpoint, Request request, Progress progress) {
        Run run = new Run(checkpoint, request, checkpoint.sizeOf(request), request.steps());
        List<Conditioner.Halves> halves = arguments.has("prompt_embeds")
                ? List.of(new Conditioner.Halves(
                                request.steps().count(), embeds("prompt_embeds", "pooled_prompt_embeds"), negative(run))
                        .repeat(request.perPrompt()))
                : run.encode();
        Tensor noise = arguments.has("latents") ? asked.input("latents") : run.normal();
        Tensor start = Ops.mul(noise, run.trajectory().initNoiseSigma());
        return run.sample(start, halves, null, (call, x) -> x, progress);
    }

    private @Nullable Conditioning negative(Run run) {
        if (!run.guided()) {
            return null;
        }
        return arguments.has("negative_prompt_embeds")
                ? embeds("negative_prompt_embeds", "negative_pooled_prompt_embeds")
                : run.encode().get(0).negative();
    }

    private Conditioning embeds(String states, String pooled) {
        return new Conditioning(asked.input(states), arguments.has(pooled) ? asked.input(pooled) : null);
    }

    private Tensor image(Checkpoint checkpoint, Request request) {
        if (arguments.path("image").has("tensor")) {
            Tensor x = asked.input("image");
            // The reference takes a tensor with negative values for one that is in [-1,1] already.
            return Arrays.stream(Ops.doubles(x)).anyMatch(v -> v < 0) ? x : VaeImages.normalize(x);
        }
        Picture picture = asked.png("image");
        Size size = arguments.has("mask_image") ? checkpoint.sizeOf(request) : checkpoint.sizeOf(request, picture);
        return VaeImages.image(picture, size.width(), size.height(), VaeImages.Fit.STRETCH);
    }

    private Source source() {
        return Source.of(asked.png("image"), asked.strength())
                .withMask(asked.png("mask_image"))
                .withOnlyMasked(arguments.path("padding_mask_crop").asInt());
    }

    private Tensor mask(Checkpoint checkpoint, Request request) {
        if (arguments.path("mask_image").has("tensor")) {
            return VaeImages.binarize(asked.input("mask_image"));
        }
        Size size = checkpoint.sizeOf(request);
        return VaeImages.mask(asked.png("mask_image"), size.width(), size.height(), VaeImages.Fit.STRETCH);
    }

    private void checkTimesteps(Checkpoint checkpoint, Request request) {
        Scheduler scheduler = Objects.requireNonNull(request.scheduler());
        Steps steps = asked.starts() && !arguments.has("denoising_start")
                ? checkpoint.cut(request.steps(), asked.strength())
                : request.steps();
        double[] got = scheduler.trajectory(steps).timesteps();
        c.assertClose(name + "/timesteps", Ops.of(got, got.length));
    }

    private void checkPictures(Checkpoint checkpoint, Tensor latents) {
        Tensor image = checkpoint.codec().decode(latents);
        GoldenCase.assertClose(
                name + "/image",
                image.permute(0, 2, 3, 1),
                c.tensor(name + "/image"),
                c.json().path("image_atol").asDouble(c.atol()),
                c.rtol());
        checkPng(Picture.fromTensor(image));
    }

    private void checkPng(Picture... pictures) {
        for (int i = 0; i < pictures.length; i++) {
            Path png = c.path("images/%s_%d.png".formatted(name.replace("/", "__"), i));
            if (Files.exists(png)) {
                assertThat(worst(pictures[i], PictureFiles.read(png)))
                        .as(png.toString())
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    private static int worst(Picture a, Picture b) {
        int worst = 0;
        for (int i = 0; i < a.data().length; i++) {
            worst = Math.max(worst, Math.abs((a.data()[i] & 255) - (b.data()[i] & 255)));
        }
        return worst;
    }
}
