package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.latente.tensor.Ops;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;

/** The verdict of the reference library on sound, odd and malformed files. */
@Tag("golden")
class SafetensorsGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests(
                "safetensors_bad",
                c -> assertAll(c.json().path("files").properties().stream()
                        .map(f -> check(c.path("files/" + f.getKey() + ".safetensors"), f.getValue()))));
    }

    private static Executable check(Path file, JsonNode verdict) {
        return () -> {
            if (verdict.path("expect").asString().equals("error")) {
                assertRefused(file);
                return;
            }
            try (TensorFile f = Safetensors.open(file)) {
                assertThat(f.keys()).as(file.toString()).hasSameSizeAs(verdict.path("tensors"));
                verdict.path("tensors").properties().forEach(t -> assertTensor(f, t.getKey(), t.getValue()));
                verdict.path("metadata")
                        .properties()
                        .forEach(m -> assertThat(f.metadata())
                                .containsEntry(m.getKey(), m.getValue().asString()));
            } catch (WeightsException e) {
                if (!verdict.path("strict_reader_may_reject").asBoolean()) {
                    throw e;
                }
            }
        };
    }

    static void assertRefused(Path file) {
        assertThatThrownBy(() -> Safetensors.open(file).close())
                .as(file.toString())
                .isInstanceOf(WeightsException.class)
                .message()
                .startsWith(file.toString())
                .hasLineCount(1);
    }

    private static void assertTensor(TensorFile file, String name, JsonNode expected) {
        byte[] bytes = Ops.bytes(file.tensor(name));
        long[] shape =
                expected.path("shape").valueStream().mapToLong(JsonNode::asLong).toArray();
        assertThat(file.tensors().get(name).dims()).isEqualTo(shape);
        assertThat(Ops.shape(file.tensor(name))).isEqualTo(shape);
        String dtype = expected.path("dtype").asString();
        assertThat(Ops.dtype(file.tensor(name)).code()).isEqualTo(CODES.getOrDefault(dtype, dtype));
        assertThat(HexFormat.of().formatHex(bytes))
                .startsWith(expected.path("hex_first_bytes").asString(""));
    }

    private static final Map<String, String> CODES = Map.ofEntries(
            Map.entry("float64", "F64"),
            Map.entry("float32", "F32"),
            Map.entry("float16", "F16"),
            Map.entry("bfloat16", "BF16"),
            Map.entry("float8_e4m3fn", "F8_E4M3"),
            Map.entry("float8_e5m2", "F8_E5M2"),
            Map.entry("int64", "I64"),
            Map.entry("int32", "I32"),
            Map.entry("int16", "I16"),
            Map.entry("int8", "I8"),
            Map.entry("uint64", "U64"),
            Map.entry("uint32", "U32"),
            Map.entry("uint16", "U16"),
            Map.entry("uint8", "U8"),
            Map.entry("bool", "BOOL"),
            Map.entry("complex64", "C64"));
}
