package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.Picture;
import dev.latente.models.upscale.RrdbConfig;
import dev.latente.models.upscale.RrdbNet;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tiles, layouts of keys and wrong inputs. */
@ExtendWith(NoNativeLeaks.class)
class PictureUpscalerTest {
    private static final RrdbConfig CONFIG = new RrdbConfig(3, 1, 8, 2, 4, 2);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    static Path folder;

    private static Path file;

    @BeforeAll
    static void write() {
        file = write("canonical", CONFIG, name -> name);
        try (PictureUpscaler upscaler = PictureUpscaler.load(file)) {
            upscaler.upscale(noise(40, 30), Progress.NONE);
        }
    }

    /** Writes a network with weights that depend on nothing but their canonical names. */
    private static Path write(String name, RrdbConfig config, UnaryOperator<String> stored) {
        Map<String, List<Long>> shapes = WeightSources.shapes(source -> {
            try (Arena arena = new Arena()) {
                new RrdbNet(Params.of(source, arena), config);
            }
        });
        WeightSource random = WeightSources.random(7);
        List<TensorInfo> tensors = new ArrayList<>();
        Map<String, String> canonical = new HashMap<>();
        shapes.forEach((key, shape) -> {
            canonical.put(stored.apply(key), key);
            long count = shape.stream().reduce(1L, (a, b) -> a * b);
            tensors.add(new TensorInfo(stored.apply(key), DType.F32.code(), shape, 4 * count));
        });
        Path path = folder.resolve(name + ".safetensors");
        SafetensorsWriter.of(tensors, key -> {
                    String own = Objects.requireNonNull(canonical.get(key));
                    long[] shape = Objects.requireNonNull(shapes.get(own)).stream()
                            .mapToLong(n -> n)
                            .toArray();
                    return Ops.mul(random.get(own, shape), 0.5);
                })
                .write(path);
        return path;
    }

    private static Picture noise(int width, int height) {
        byte[] data = new byte[width * height * 3];
        new Random(1).nextBytes(data);
        return new Picture(width, height, 3, data);
    }

    private static Picture enlarged(Path path, Picture picture) {
        try (PictureUpscaler upscaler = PictureUpscaler.load(path)) {
            return upscaler.upscale(picture, null, Progress.NONE);
        }
    }

    @Test
    void everyLayoutIsTheSameNetwork() {
        Picture wanted = enlarged(file, noise(20, 13));
        assertThat(wanted.width()).isEqualTo(80);
        assertThat(wanted.height()).isEqualTo(52);
        Path trunk = write(
                "trunk",
                CONFIG,
                name -> name.replaceAll("^body\\.", "RRDB_trunk.")
                        .replace(".rdb", ".RDB")
                        .replace("conv_body", "trunk_conv")
                        .replace("conv_up", "upconv")
                        .replace("conv_hr", "HRconv"));
        Path old = write(
                "old",
                CONFIG,
                name -> name.replaceAll("body\\.(\\d)\\.rdb(\\d)\\.(conv\\d)", "model.1.sub.$1.RDB$2.$3.0")
                        .replace("conv_first", "model.0")
                        .replace("conv_body", "model.1.sub.2")
                        .replace("conv_up1", "model.3")
                        .replace("conv_up2", "model.6")
                        .replace("conv_hr", "model.8")
                        .replace("conv_last", "model.10"));
        assertThat(enlarged(trunk, noise(20, 13))).isEqualTo(wanted);
        assertThat(enlarged(old, noise(20, 13))).isEqualTo(wanted);
    }

    @Test
    void noSeamShows() {
        Picture picture = noise(90, 70);
        try (PictureUpscaler upscaler = PictureUpscaler.load(file)) {
            Tiles tiles = Objects.requireNonNull(upscaler.tiles(picture, 32));
            assertThat(tiles.overlap()).isLessThan(upscaler.network().reach());
            Picture whole = upscaler.upscale(picture, null, Progress.NONE);
            Picture tiled = upscaler.upscale(picture, tiles, Progress.NONE);
            assertThat(worst(whole, tiled)).isLessThanOrEqualTo(2);
            // Which shows that there would be one.
            assertThat(worst(whole, upscaler.upscale(picture, new Tiles(32, 0), Progress.NONE)))
                    .isGreaterThan(4);
        }
    }

    @Test
    void bandsOfRowsFitTogether() {
        try (PictureUpscaler upscaler = PictureUpscaler.load(file)) {
            RrdbNet network = (RrdbNet) upscaler.network();
            int from = 20;
            int first = from + network.reach();
            int last = 80;
            assertThat(RrdbNet.BAND).isBetween((long) first + 1, (long) last - 1);
            double difference = Scopes.within(() -> {
                Tensor picture = noise(30, 150).toTensor();
                Tensor part = network.forward(picture.narrow(2, from, 100)); // whose bands end elsewhere
                Tensor whole = network.forward(picture);
                return part.narrow(2, 4L * (first - from), 4L * (last - first))
                        .sub(whole.narrow(2, 4L * first, 4L * (last - first)))
                        .abs()
                        .max()
                        .item_double();
            });
            assertThat(difference).isLessThan(1e-5);
        }
    }

    private static int worst(Picture a, Picture b) {
        int worst = 0;
        for (int i = 0; i < a.data().length; i++) {
            worst = Math.max(worst, Math.abs((a.data()[i] & 255) - (b.data()[i] & 255)));
        }
        return worst;
    }

    @Test
    void tellsHowFarItIsAndStops() {
        List<String> told = new ArrayList<>();
        try (PictureUpscaler upscaler = PictureUpscaler.load(file)) {
            upscaler.upscale(noise(40, 30), new Tiles(20, 4), (tile, tiles, x) -> told.add(tile + "/" + tiles));
            assertThat(told).containsExactly("1/4", "2/4", "3/4", "4/4");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() ->
                            upscaler.upscale(noise(40, 30), new Tiles(20, 4), Progress.NONE.stopWhenInterrupted()))
                    .isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void grayStaysGrayAndOddSidesFit() {
        Path half = write("x2", new RrdbConfig(3, 2, 8, 1, 4, 2), name -> name);
        Picture gray = enlarged(half, noise(21, 15).gray());
        assertThat(gray.channels()).isEqualTo(1);
        assertThat(gray.width()).isEqualTo(42);
        assertThat(gray.height()).isEqualTo(30);
        assertThat(enlarged(half, Picture.filled(1, 1, 3, 9)).width()).isEqualTo(2);
    }

    @Test
    void whatIsNoUpscalerIsRefused() {
        Path unet = TinyCheckpoint.write(folder.resolve("sd")).resolve("unet/diffusion_pytorch_model.safetensors");
        assertThatThrownBy(() -> PictureUpscaler.load(unet))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("has no [upscaler], only [unet]");
        Path cut = write("cut", CONFIG, name -> name.equals("conv_hr.bias") ? "conv_hr.other" : name);
        assertThatThrownBy(() -> PictureUpscaler.load(cut))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("conv_hr.bias");
    }
}
