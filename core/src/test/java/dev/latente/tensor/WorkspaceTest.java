package dev.latente.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes through a workspace comes out as libtorch converts it. */
class WorkspaceTest {
    @ParameterizedTest
    @CsvSource({"F16,BF16", "F16,F32", "F32,BF16", "BF16,F16", "BF16,BF16"})
    void valuesAreThoseOfLibtorch(DType from, DType to) {
        Scopes.run(() -> {
            try (Workspace workspace = new Workspace();
                    Rng rng = new Rng(1)) {
                long[][] shapes = {
                    {3, 5}, {640, 700}, {7}, {320, 64, 3, 3}, {1024, 300, 3, 3}, {6, 300, 1, 1}, {2, 3, 3, 5}
                };
                for (long[] shape : shapes) {
                    Tensor x = Ops.to(rng.normal(shape), from);
                    assertSame(workspace.cast(x, to), x, to);
                }
            }
        });
    }

    @Test
    void kernelsHaveTheirChannelsLast() {
        Scopes.run(() -> {
            try (Workspace workspace = new Workspace()) {
                Tensor made = workspace.cast(Ops.zeros(DType.F16, Device.CPU, 4, 8, 3, 3), DType.F16);
                assertThat(made.stride(1)).isEqualTo(1);
            }
        });
    }

    @Test
    void oneWeightLiesWhereTheOtherLay() {
        Scopes.run(() -> {
            try (Workspace workspace = new Workspace()) {
                Tensor ones = Ops.full(1, DType.F16, Device.CPU, 4, 4);
                Tensor first = workspace.cast(ones, DType.BF16);
                workspace.cast(Ops.full(2, DType.F16, Device.CPU, 4, 4), DType.BF16);
                assertThat(Ops.floats(first)).containsOnly(2);
            }
        });
    }

    @Test
    void itGrows() {
        Scopes.run(() -> {
            try (Workspace workspace = new Workspace();
                    Rng rng = new Rng(1)) {
                Tensor large = Ops.to(rng.normal(5000, 8000), DType.F16);
                assertSame(workspace.cast(large, DType.BF16), large, DType.BF16);
            }
        });
    }

    @Test
    void whenItIsClosedWeightsHaveMemoryOfTheirOwn() {
        Scopes.run(() -> {
            Workspace workspace = new Workspace();
            workspace.close();
            Tensor first = workspace.cast(Ops.full(1, DType.F16, Device.CPU, 4, 4), DType.BF16);
            workspace.cast(Ops.full(2, DType.F16, Device.CPU, 4, 4), DType.BF16);
            assertThat(Ops.floats(first)).containsOnly(1);
        });
    }

    private static void assertSame(Tensor got, Tensor x, DType dtype) {
        assertThat(got.equal(x.to(dtype.scalarType()))).isTrue();
    }
}
