package dev.latente.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RecomputeTest {
    private static final int BLOCKS = 5;

    /** 36 MB of floats: glibc gives so much back at once, so that what is resident is what is kept. */
    private static final long SIZE = 9L << 20;

    @Test
    void givesTheSameGradientsForAChain() {
        assertThat(apart(false)).isZero();
    }

    /** A second input of all blocks, and one that is used outside of blocks, too: sums in another order. */
    @Test
    void givesTheSameGradientsWherePathsMeet() {
        assertThat(apart(true)).isLessThan(1e-5);
    }

    @Test
    void keepsLessAndFreesWhatItKept() {
        long before = Memory.objects();
        long less = Scopes.within(() -> Recompute.within(RecomputeTest::kept));
        long more = Scopes.within(RecomputeTest::kept);
        // Of the five tensors that a block keeps, four stand inside of it.
        assertThat(less).isLessThan(more / 2);
        assertThat(Memory.objects()).isEqualTo(before);
    }

    private static double apart(boolean shared) {
        List<float[]> plain = Scopes.within(() -> gradients(shared));
        List<float[]> again = Scopes.within(() -> Recompute.within(() -> gradients(shared)));
        double most = 0;
        for (int i = 0; i < plain.size(); i++) {
            for (int j = 0; j < plain.get(i).length; j++) {
                most = Math.max(most, Math.abs(plain.get(i)[j] - again.get(i)[j]));
            }
            assertThat(plain.get(i)).isNotEqualTo(new float[64]);
        }
        return most;
    }

    private static List<float[]> gradients(boolean meet) {
        try (Rng rng = new Rng(3)) {
            List<Tensor> gradients = new ArrayList<>();
            Supplier<Tensor> weight = () -> {
                Tensor gradient = Ops.zeros(DType.F32, Device.CPU, 8, 8);
                gradients.add(gradient);
                return Autograd.leaf(Ops.mul(rng.normal(8, 8), 0.5), gradient);
            };
            Tensor x = rng.normal(4, 8);
            Tensor own = rng.normal(4, 8);
            Tensor shared = meet ? own.mm(weight.get()).tanh() : own;
            Tensor first = x.mm(weight.get());
            Tensor h = first;
            for (int i = 0; i < 5; i++) {
                Tensor w = weight.get();
                h = Recompute.run(in -> in.get(0).add(in.get(1)).mm(w).tanh(), h, shared);
            }
            Autograd.backward((meet ? h.mul(first) : h).sum());
            return gradients.stream().map(Ops::floats).toList();
        }
    }

    /** Bytes by which the process grows on the way to a loss. */
    private static long kept() {
        long before = Memory.resident();
        Tensor gradient = Ops.zeros(DType.F32, Device.CPU, 1);
        Tensor w = Autograd.leaf(Ops.full(0.5, DType.F32, Device.CPU, 1), gradient);
        Tensor h = Ops.zeros(DType.F32, Device.CPU, SIZE).add(w);
        for (int i = 0; i < BLOCKS; i++) {
            Tensor x = h;
            h = Scopes.keep(() -> Recompute.run(
                    in -> in.get(0).tanh().exp().tanh().exp().tanh().mul(w), x));
        }
        long grown = Memory.resident() - before;
        Autograd.backward(h.sum());
        assertThat(gradient.item_double()).isFinite().isNotZero();
        return grown;
    }
}
