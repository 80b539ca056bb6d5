package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Masks;
import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.image.VaeImages;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Resizing as Pillow does it, and what pictures and masks are before and after the autoencoder. */
@Tag("golden")
class ImageProcessorGoldenTest {
    private static final int WIDTH = 72;
    private static final int HEIGHT = 48;

    static boolean takes(GoldenCase c) {
        return resizes(c) || c.json().has("vae_scale_factor");
    }

    private static boolean resizes(GoldenCase c) {
        return c.json().path("rows").path(0).has("filter");
    }

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("conditioning", ImageProcessorGoldenTest::takes, c -> {
            if (resizes(c)) {
                c.json().path("rows").forEach(row -> resize(c, row));
            } else {
                c.names().forEach(name -> process(c, name));
                c.json().path("runs").forEach(run -> run(c, run));
            }
        });
    }

    private static void resize(GoldenCase c, JsonNode row) {
        String name = row.path("tensor").asString();
        Picture got = Resize.to(
                picture(c.tensor(name.split("\\.")[0])),
                row.path("width").asInt(),
                row.path("height").asInt(),
                Resize.Filter.valueOf(row.path("filter").asString()));
        assertThat(got).as(name).isEqualTo(picture(c.tensor(name)));
    }

    private static void process(GoldenCase c, String name) {
        String[] parts = name.split("\\.");
        if (parts[0].equals("post")) {
            after(c, parts[1]);
        }
        if (parts.length < 2 || !c.has(parts[0])) {
            return;
        }
        Picture source = picture(c.tensor(parts[0]));
        int[] usual = VaeImages.size(source, c.json().path("vae_scale_factor").asInt());
        @Nullable
        Tensor got = switch (parts[1]) {
            case "default" -> VaeImages.image(source, usual[0], usual[1], VaeImages.Fit.STRETCH);
            case "sized" -> VaeImages.image(source, WIDTH, HEIGHT, VaeImages.Fit.STRETCH);
            case "fill" -> VaeImages.image(source, WIDTH, HEIGHT, VaeImages.Fit.FILL);
            case "crop" -> VaeImages.image(source, WIDTH, HEIGHT, VaeImages.Fit.CROP);
            case "tensor_input" -> VaeImages.normalize(Functional.upsampleNearest(source.toTensor(), HEIGHT, WIDTH));
            case "control" ->
                Resize.to(source, WIDTH, HEIGHT, Resize.Filter.LANCZOS).toTensor();
            case "control_gray" ->
                Resize.to(source.gray().rgb(), WIDTH, HEIGHT, Resize.Filter.LANCZOS)
                        .toTensor();
            case "nearest" -> by(source, Resize.Filter.NEAREST);
            case "bilinear" -> by(source, Resize.Filter.BILINEAR);
            case "bicubic" -> by(source, Resize.Filter.BICUBIC);
            case "binary" -> VaeImages.mask(source, WIDTH, HEIGHT, VaeImages.Fit.STRETCH);
            case "from_rgb" ->
                VaeImages.mask(
                        picture(c.tensor(parts[0].replace("mask", "image"))), WIDTH, HEIGHT, VaeImages.Fit.STRETCH);
            case "binary_default_size" -> VaeImages.mask(source, usual[0], usual[1], VaeImages.Fit.STRETCH);
            case "blur" ->
                Masks.blur(source, c.json().path("blur_factor").asDouble()).toTensor();
            default -> null; // what a run is about, and masks of IP-Adapters
        };
        if (got != null) {
            Tensor expected = c.tensor(name);
            c.assertClose(
                    name,
                    got,
                    expected.dim() == 4 ? expected : picture(expected).toTensor());
        }
    }

    private static void after(GoldenCase c, String name) {
        Tensor latents = c.tensor("post.in");
        if (name.equals("pt")) {
            c.assertClose("post.pt", VaeImages.denormalize(latents));
        } else if (name.equals("u8")) {
            Picture[] pictures = Picture.fromTensor(VaeImages.denormalize(latents));
            for (int i = 0; i < pictures.length; i++) {
                assertThat(pictures[i])
                        .as("post.u8")
                        .isEqualTo(picture(c.tensor("post.u8").select(0, i).contiguous()));
            }
        }
    }

    private static Tensor by(Picture source, Resize.Filter filter) {
        return VaeImages.normalize(Resize.to(source, WIDTH, HEIGHT, filter).toTensor());
    }

    private static void run(GoldenCase c, JsonNode run) {
        String name = run.path("tensor").asString();
        if (run.has("crops_coords")) {
            Picture cropped = cropped(picture(c.tensor(name.split("\\.")[0])), run.path("crops_coords"));
            c.assertClose(name, VaeImages.image(cropped, WIDTH, HEIGHT, VaeImages.Fit.STRETCH));
        }
        for (int i = 0; i < run.path("get_crop_region").size(); i++) {
            Masks.Region got = Masks.region(
                    picture(c.tensor(name)),
                    run.path("width").asInt(),
                    run.path("height").asInt(),
                    run.path("pads").path(i).asInt());
            JsonNode edges = run.path("get_crop_region").path(i);
            assertThat(got).as(name).isEqualTo(region(edges));
        }
        if (run.has("apply_overlay")) {
            JsonNode how = run.path("apply_overlay");
            Picture original = picture(c.tensor(how.path("init_image").asString()));
            Masks.Region where = region(how.path("crop_coords"));
            Picture painted = Picture.filled(original.width(), original.height(), 3, 0);
            VaeImages.fit(
                            picture(c.tensor(name.replace("result", "generated"))),
                            where.width(),
                            where.height(),
                            VaeImages.Fit.CROP)
                    .copyTo(painted, where.x(), where.y());
            Picture mask = picture(c.tensor(how.path("mask").asString()));
            assertThat(Masks.overlay(original, mask, painted)).as(name).isEqualTo(picture(c.tensor(name)));
        }
    }

    private static Picture cropped(Picture picture, JsonNode edges) {
        Masks.Region where = region(edges);
        return picture.crop(where.x(), where.y(), where.width(), where.height());
    }

    /** Of left, top, right and bottom. */
    private static Masks.Region region(JsonNode edges) {
        int x = edges.path(0).asInt();
        int y = edges.path(1).asInt();
        return new Masks.Region(x, y, edges.path(2).asInt() - x, edges.path(3).asInt() - y);
    }

    /** x [H,W] or [H,W,3] uint8. */
    private static Picture picture(Tensor x) {
        return new Picture((int) x.size(1), (int) x.size(0), x.dim() == 3 ? 3 : 1, Ops.bytes(x));
    }
}
