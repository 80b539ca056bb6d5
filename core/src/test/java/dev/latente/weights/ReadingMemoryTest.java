package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a file and copied is not resident twice. */
class ReadingMemoryTest {
    private static final int COUNT = 24;
    private static final long SIZE = 4 << 20;

    @Test
    void aFileThatIsConvertedIsNeverResidentAsAWhole(@TempDir Path folder) {
        Path path = write(folder.resolve("x.safetensors"));
        Memory.resetPeak();
        long before = Memory.resident();
        assumeTrue(Memory.peak() < before + SIZE, "the peak cannot be reset here");
        try (TensorFile file = TensorFiles.open(path)) {
            for (String key : file.keys()) {
                Scopes.run(
                        () -> assertThat(Ops.floats(file.tensor(key).max())[0]).isEqualTo(1));
            }
            assertThat(Memory.peak() - before).isLessThan(COUNT / 3 * SIZE);
        }
    }

    @Test
    void aViewOutlivesItsFile(@TempDir Path folder) {
        Path path = write(folder.resolve("x.safetensors"));
        try (Arena arena = new Arena()) {
            TensorFile file = TensorFiles.open(path);
            Tensor view = arena.own(() -> file.tensor("0"));
            file.close();
            assertThat(Ops.floats(view.narrow(0, SIZE - 1, 1))).containsExactly(1);
            assertThatThrownBy(() -> file.tensor("1"))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("[1]")
                    .hasMessageContaining("was closed before the tensor was read");
        }
    }

    private static Path write(Path file) {
        Scopes.run(() -> {
            Tensor ones = Ops.full(1, DType.U8, Device.CPU, SIZE);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (int i = 0; i < COUNT; i++) {
                tensors.put(Integer.toString(i), ones);
            }
            SafetensorsWriter.of(tensors).write(file);
        });
        return file;
    }
}
