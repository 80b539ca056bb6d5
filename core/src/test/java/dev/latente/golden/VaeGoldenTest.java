package dev.latente.golden;

import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
import dev.latente.models.vae.Tiling;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class VaeGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("vae", VaeGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        for (WeightLayout layout : WeightLayout.values()) {
            check(c, layout);
        }
    }

    private static void check(GoldenCase c, WeightLayout layout) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path("model/diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena, layout);
            AutoencoderKL vae = new AutoencoderKL(params, VaeConfig.of(Json.read(c.path("model/config.json"))));
            params.requireAllUsed();
            for (String name : c.names()) {
                if (name.equals("out.image_uint8")) {
                    // One step either way, next to a rounding boundary.
                    GoldenCase.assertClose(name, output(c, vae, name), Ops.to(c.tensor(name), DType.F32), 1, 0);
                } else if (name.contains("out.")) {
                    c.assertClose(name, output(c, vae, name));
                }
            }
        }
    }

    private static Tensor output(GoldenCase c, AutoencoderKL vae, String name) {
        if (name.startsWith("sliced.")) {
            return output(c, vae.withSlicing(true), "in", name.substring(11));
        }
        if (name.startsWith("tiled.")) {
            JsonNode json = c.json().path("tiling");
            Tiling tiling = new Tiling(
                    json.path("tile_sample_min_size").asInt(),
                    json.path("tile_latent_min_size").asInt(),
                    json.path("tile_overlap_factor").asDouble());
            String[] what = name.substring(10).split("_", 2);
            AutoencoderKL variant = switch (what.length == 1 ? "" : what[1]) {
                case "" -> vae.withTiling(tiling);
                case "overlap2" ->
                    vae.withTiling(tiling.withOverlap(
                            json.path("tile_overlap_factor_2").asDouble()));
                case "sliced" -> vae.withTiling(tiling).withSlicing(true);
                case "untiled" -> vae;
                default -> throw new AssertionError("no rule for output [%s]".formatted(name));
            };
            return output(c, variant, "tiled.in", what[0]);
        }
        return output(c, vae, "in", name.substring(4));
    }

    private static Tensor output(GoldenCase c, AutoencoderKL vae, String in, String name) {
        return switch (name) {
            case "moments" -> vae.encode(c.tensor(in + ".image")).parameters();
            case "mean" -> vae.encode(c.tensor(in + ".image")).mean();
            case "mode" -> vae.encode(c.tensor(in + ".image")).mode();
            case "logvar" -> vae.encode(c.tensor(in + ".image")).logvar();
            case "std" -> vae.encode(c.tensor(in + ".image")).std();
            case "kl" -> vae.encode(c.tensor(in + ".image")).kl();
            case "sample_with_noise" -> vae.encode(c.tensor(in + ".image")).sample(c.tensor(in + ".noise"));
            case "sample_generator" -> {
                Moments moments = vae.encode(c.tensor(in + ".image"));
                try (Rng rng = new Rng(c.json().path("sample_generator_seed").asLong())) {
                    yield moments.sample(rng.normal(Ops.shape(moments.mean())));
                }
            }
            case "scaled_latents" ->
                vae.scale(vae.encode(c.tensor(in + ".image")).mode());
            case "reconstruction" ->
                vae.decode(vae.encode(c.tensor(in + ".image")).mode());
            case "decoded" -> vae.decode(c.tensor(in + ".latents"));
            case "decoded_unscaled" -> vae.decode(vae.unscale(Ops.mul(c.tensor(in + ".latents"), 0.25)));
            case "image01" -> Ops.clamp(Ops.add(Ops.mul(output(c, vae, in, "decoded"), 0.5), 0.5), 0, 1);
            case "image_uint8" ->
                Ops.mul(output(c, vae, in, "image01"), 255).round().permute(0, 2, 3, 1);
            default -> throw new AssertionError("no rule for output [%s]".formatted(name));
        };
    }
}
