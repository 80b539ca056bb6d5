package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.Resize;
import dev.latente.image.VaeImages;
import dev.latente.tensor.DType;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class ImageGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("image", c -> {
            if (c.names().stream().anyMatch(n -> n.startsWith("out."))) {
                preprocess(c);
            } else {
                resize(c);
            }
        });
    }

    /** Names are picture/widthxheight/filter. */
    private static void resize(GoldenCase c) {
        for (String name : c.names()) {
            String[] parts = name.split("/");
            Picture source = PictureFiles.read(c.path("images/" + parts[0] + ".png"));
            Picture got = switch (parts[1]) {
                case "source" -> source;
                case "gray" -> source.gray();
                default -> {
                    String[] size = parts[1].split("x");
                    yield Resize.to(
                            source,
                            Integer.parseInt(size[0]),
                            Integer.parseInt(size[1]),
                            Resize.Filter.valueOf(parts[2]));
                }
            };
            assertThat(got.data()).as(name).isEqualTo(Ops.bytes(c.tensor(name)));
        }
    }

    /** Sizes are those of the expected tensors. */
    private static void preprocess(GoldenCase c) {
        for (String name : c.names()) {
            if (name.startsWith("in.")) {
                continue;
            }
            Tensor expected = c.tensor(name);
            long[] shape = Ops.shape(expected);
            int h = (int) shape[2];
            int w = (int) shape[3];
            String what = name.substring("out.".length());
            Tensor got = switch (what) {
                case "image" -> VaeImages.image(picture(c, "image"), w, h, VaeImages.Fit.STRETCH);
                case "mask_binarized" -> VaeImages.mask(picture(c, "mask"), w, h, VaeImages.Fit.STRETCH);
                case "mask_soft" -> VaeImages.softMask(picture(c, "mask"), w, h, VaeImages.Fit.STRETCH);
                case "odd_no_size" -> {
                    int[] size = VaeImages.size(picture(c, "odd"), 8);
                    yield VaeImages.image(picture(c, "odd"), size[0], size[1], VaeImages.Fit.STRETCH);
                }
                case "odd_to_size" -> VaeImages.image(picture(c, "odd"), w, h, VaeImages.Fit.STRETCH);
                case "odd_fill" -> VaeImages.image(picture(c, "odd"), w, h, VaeImages.Fit.FILL);
                case "odd_crop" -> VaeImages.image(picture(c, "odd"), w, h, VaeImages.Fit.CROP);
                case "tensor01" -> VaeImages.normalize(c.tensor("in.tensor01"));
                case "tensor_resized" -> VaeImages.normalize(Functional.upsampleNearest(c.tensor("in.tensor01"), h, w));
                case "postprocess_np" ->
                    VaeImages.denormalize(c.tensor("in.decoded")).permute(0, 2, 3, 1);
                case "postprocess_uint8" -> pixels(VaeImages.denormalize(c.tensor("in.decoded")));
                default -> throw new AssertionError("what is " + name + "?");
            };
            c.assertClose(name, got);
        }
    }

    private static Tensor pixels(Tensor x) {
        Picture[] pictures = Picture.fromTensor(x);
        Tensor[] parts = Stream.of(pictures)
                .map(p -> Ops.ofBytes(p.data(), DType.U8, 1, p.height(), p.width(), p.channels()))
                .toArray(Tensor[]::new);
        return Ops.cat(0, parts);
    }

    private static Picture picture(GoldenCase c, String name) {
        return PictureFiles.read(c.path("images/" + name + ".png"));
    }
}
