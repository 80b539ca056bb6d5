package dev.latente.weights.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.compression.Plan.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
    private static final Layer IN = new Layer("unet", "conv_in.weight");
    private static final Layer TIME = new Layer("unet", "time_embedding.linear_1.weight");
    private static final Layer QUERY = new Layer("unet", "mid.to_q.weight");
    private static final Layer ENCODER_IN = new Layer("vae", "encoder.conv_in.weight");

    private static final Plan PLAN = Plan.of(
            Map.of(
                    "unet",
                    Map.of(
                            "conv_in.weight", List.of(8L, 4L, 3L, 3L),
                            "conv_in.bias", List.of(8L),
                            "time_embedding.linear_1.weight", List.of(100L, 100L),
                            "mid.to_q.weight", List.of(40L, 40L)),
                    "vae",
                    Map.of("encoder.conv_in.weight", List.of(2L, 3L, 3L, 3L))),
            8);

    @Test
    void patternsNameLayersByTheirEnds() {
        assertThat(PLAN.layers()).containsExactlyInAnyOrder(IN, TIME, QUERY, ENCODER_IN);
        assertThat(PLAN.matching(List.of("time_embedding.*", "conv_in")))
                .first()
                .isEqualTo(TIME);
        assertThat(PLAN.matching(List.of("time_embedding.*", "conv_in")))
                .containsExactlyInAnyOrder(TIME, IN, ENCODER_IN);
        assertThat(PLAN.matching(List.of("onv_in", "to_", "mid"))).isEmpty();
        assertThat(PLAN.matching(List.of("*to_*"))).containsExactly(QUERY);
    }

    @Test
    void whatIsKeptIsNotQuantised() {
        Plan plan = PLAN.keeping(List.of(IN, TIME));
        assertThat(plan.kept()).containsExactlyInAnyOrder(IN, TIME);
        assertThat(plan.of("unet").takes("conv_in.weight", 8, 4, 3, 3)).isFalse();
        assertThat(plan.of("unet").takes("mid.to_q.weight", 40, 40)).isTrue();
        assertThat(plan.of("vae").takes("encoder.conv_in.weight", 2, 3, 3, 3)).isTrue();
        assertThat(PLAN.kept()).isEmpty();
    }

    /** The query is small enough where the time embedding, which comes first, is not. */
    @Test
    void whatDoesNotFitIsPassedOver() {
        long most = PLAN.keeping(List.of(IN, QUERY)).bytes();
        assertThat(PLAN.keeping(List.of(IN, TIME, QUERY), most).kept()).containsExactly(IN, QUERY);
        assertThat(PLAN.keeping(List.of(IN, TIME, QUERY), 0).kept()).isEmpty();
    }

    @Test
    void bytesAreThoseOfTheFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("x.safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> half = new LinkedHashMap<>();
            half.put("encoder.conv_in.weight", Ops.zeros(DType.F16, Device.CPU, 2, 3, 3, 3));
            SafetensorsWriter.of(half).write(file);
        });
        assertThat(PLAN.halfBytes("vae")).isEqualTo(Files.size(file));
        Scopes.run(() -> {
            Map<String, Tensor> whole = new LinkedHashMap<>();
            whole.put("encoder.conv_in.weight", Ops.zeros(DType.I8, Device.CPU, 2, 3, 3, 3));
            whole.put("encoder.conv_in.weight_scale", Ops.zeros(DType.F32, Device.CPU, 2, 1, 1, 1));
            SafetensorsWriter.of(whole).write(file);
        });
        assertThat(PLAN.bytes("vae")).isEqualTo(Files.size(file));
        assertThat(PLAN.bytes()).isEqualTo(PLAN.bytes("unet") + PLAN.bytes("vae"));
        assertThat(PLAN.halfBytes()).isEqualTo(PLAN.halfBytes("unet") + PLAN.halfBytes("vae"));
    }
}
