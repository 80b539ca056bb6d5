package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.tensor.DType;
import dev.latente.tensor.Memory;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBudgetTest {
    private static final Size SIZE = new Size(32, 32);

    @Test
    void countsWhatIsCopiedAndWhatStaysInTheFile(@TempDir Path folder) {
        try (CheckpointFiles files = CheckpointFiles.open(TinyCheckpoint.write(folder))) {
            long stored =
                    files.tensors("unet").stream().mapToLong(TensorInfo::bytes).sum();
            MemoryBudget converted = MemoryBudget.of(files, DType.F32, SIZE, 1);
            assertThat(converted.parts())
                    .extracting(MemoryBudget.Part::name)
                    .containsExactly("text_encoder", "unet", "vae");
            MemoryBudget.Part unet = converted.parts().get(1);
            assertThat(unet).isEqualTo(new MemoryBudget.Part("unet", DType.F32, 2 * stored, 0, stored));

            // As it is stored: only convolutions are laid out anew.
            MemoryBudget.Part same =
                    MemoryBudget.of(files, DType.F16, SIZE, 1).parts().get(1);
            assertThat(same.mapped()).isEqualTo(stored);
            assertThat(same.copied()).isPositive().isLessThan(stored);
            assertThat(same.read()).isZero();
            // An autoencoder that overflows in fp16 is loaded in fp32.
            assertThat(MemoryBudget.of(files, DType.F16, SIZE, 1).parts().get(2).dtype())
                    .isEqualTo(DType.F32);
        }
    }

    @Test
    void theWholeIsTheLargestMoment() {
        MemoryBudget budget =
                new MemoryBudget(List.of(new MemoryBudget.Part("unet", DType.BF16, 100, 10, 70)), 20, 30, 5, 7);
        assertThat(budget.drawing()).isEqualTo(100 + 10 + 5 + 7 + 30);
        assertThat(budget.loading()).isEqualTo(100 + 10 + 5 + 7 + 70);
        assertThat(budget.total()).isEqualTo(budget.loading());
    }

    @Test
    void growsWithPixelsAndPictures(@TempDir Path folder) {
        try (CheckpointFiles files = CheckpointFiles.open(TinyCheckpoint.write(folder))) {
            assertThat(MemoryBudget.usualSize(files)).isEqualTo(SIZE);
            MemoryBudget one = MemoryBudget.of(files, DType.F32, SIZE, 1);
            MemoryBudget large = MemoryBudget.of(files, DType.F32, new Size(64, 64), 1);
            MemoryBudget many = MemoryBudget.of(files, DType.F32, SIZE, 3);
            Offset<Long> rounding = within(4L);
            assertThat(large.step()).isCloseTo(4 * one.step(), rounding);
            assertThat(large.decode()).isCloseTo(4 * one.decode(), rounding);
            assertThat(many.step()).isCloseTo(3 * one.step(), rounding);
            // Pictures are decoded one after the other.
            assertThat(many.decode()).isEqualTo(one.decode());
            assertThat(one.heap() + one.libraries()).isGreaterThanOrEqualTo(Memory.resident() / 2);
        }
    }
}
