package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
            long stored = files.tensors("unet").values().stream()
                    .mapToLong(TensorInfo::bytes)
                    .sum();
            MemoryBudget converted = MemoryBudget.of(files, DType.F32, SIZE, 1);
            assertThat(converted.parts())
                    .extracting(MemoryBudget.Part::name)
                    .containsExactly("text_encoder", "unet", "vae");
            MemoryBudget.Part unet = converted.parts().get(1);
            assertThat(unet.mapped()).isZero();
            // Where weights are prepared, the convolution that enlarges is there as four of [32,32,2,2], not as
            // [32,32,3,3].
            assertThat(unet.copied() - 2 * stored).isIn(0L, 4L * (4 * 4 - 9) * 32 * 32);
            // The largest is [32,64,3,3], in fp16 and in fp32.
            assertThat(unet.passing()).isEqualTo((2 + 4) * 32 * 64 * 9);

            // As it is stored, in a dtype for which none are prepared: only convolutions are laid out anew.
            MemoryBudget.Part same =
                    MemoryBudget.of(files, DType.F16, SIZE, 1).parts().get(1);
            assertThat(same.copied()).isPositive().isLessThan(stored);
            assertThat(same.mapped()).isEqualTo(stored - same.copied());
            assertThat(same.passing()).isEqualTo(2 * 32 * 64 * 9);
            // An autoencoder that overflows in fp16 is loaded in fp32.
            assertThat(MemoryBudget.of(files, DType.F16, SIZE, 1).parts().get(2).dtype())
                    .isEqualTo(DType.F32);
        }
    }

    private static final long GB = 1_000_000_000;

    private static MemoryBudget.Loaded checkpoint(long copied) {
        return new MemoryBudget.Loaded(List.of(new MemoryBudget.Part("unet", DType.BF16, copied, GB / 10, GB / 10)));
    }

    private static final MemoryBudget BUDGET =
            new MemoryBudget(List.of(checkpoint(3 * GB)), GB, 2 * GB, GB / 2, GB / 20, GB / 4, Residency.ALL, false);

    @Test
    void theWholeIsTheLargestMoment() {
        assertThat(BUDGET.drawing()).isEqualTo(5_400_000_000L);
        assertThat(BUDGET.loading()).isEqualTo(3_500_000_000L);
        assertThat(BUDGET.total()).isEqualTo(BUDGET.drawing());
    }

    @Test
    void keepsToALimit() {
        assertThat(BUDGET.within(5_400_000_000L)).isSameAs(BUDGET);
        MemoryBudget some = BUDGET.within(4 * GB);
        assertThat(some.residency().streamed()).isTrue();
        assertThat(some.residency().kept()).isBetween(GB / 2, 2 * GB);
        assertThat(some.tiled()).isFalse();
        assertThat(some.total()).isCloseTo(4 * GB, within(4L));
        MemoryBudget few = BUDGET.within(5 * GB / 2);
        assertThat(few.tiled()).isTrue();
        assertThat(few.residency().kept()).isLessThan(some.residency().kept());
        assertThat(few.total()).isCloseTo(5 * GB / 2, within(4L));
        LoadOptions options = few.apply(LoadOptions.DEFAULT);
        assertThat(options.tiling()).isTrue();
        assertThat(options.residency()).isEqualTo(few.residency());
        assertThatThrownBy(() -> BUDGET.within(GB))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got a limit of [1.00 GB], wanted at least [1.88 GB]");
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
