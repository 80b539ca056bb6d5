package dev.latente.golden;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.CheckpointAssert;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.CheckpointFiles.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Single files hold what the folder beside them holds, and the models built from them compute the same. */
@Tag("golden")
class SingleFileGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("single_file", SingleFileGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        List<String> files = new ArrayList<>();
        c.json().path("files").forEach(f -> files.add(f.asString()));
        Options options =
                Options.DEFAULT.withConfigs(c.path(c.json().path("model").asString()));
        try (CheckpointFiles folder = CheckpointFiles.open(c.path("model"))) {
            for (String file : files) {
                try (CheckpointFiles single = CheckpointFiles.open(c.path(file), options)) {
                    CheckpointAssert.assertSame(file, folder, single);
                    compute(c, single);
                }
            }
        }
    }

    private static void compute(GoldenCase c, CheckpointFiles files) {
        try (Arena arena = new Arena()) {
            Params unetParams = params(files, "unet", arena);
            UNet2DCondition unet = new UNet2DCondition(unetParams, UNetConfig.of(files.config("unet")));
            unetParams.requireAllUsed();
            UNetConditioning text = UNetConditioning.text(c.tensor("in.encoder_hidden_states"));
            UNetConditioning conditioning = c.has("in.time_ids")
                    ? UNetConditioning.textAndTime(
                            text.encoderHiddenStates(), c.tensor("in.text_embeds"), c.tensor("in.time_ids"))
                    : text;
            c.names().stream().filter(n -> n.startsWith("out.unet_t")).forEach(n -> {
                var t = Ops.of(new long[] {Long.parseLong(n.substring("out.unet_t".length()))}, 1);
                c.assertClose(n, unet.forward(c.tensor("in.sample"), t, conditioning));
            });
            Params vaeParams = params(files, "vae", arena);
            AutoencoderKL vae = new AutoencoderKL(vaeParams, VaeConfig.of(files.config("vae")));
            vaeParams.requireAllUsed();
            c.assertClose("out.vae_decoded", vae.decode(c.tensor("in.latents")));
        }
    }

    private static Params params(CheckpointFiles files, String component, Arena arena) {
        return Params.of(WeightSources.cast(files.weights(component), DType.F32, Device.CPU), arena);
    }
}
