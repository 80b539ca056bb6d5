package dev.latente.weights.lora;

import dev.latente.tensor.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * A change by a Kronecker product, ΔW = factor · C ⊗ D: LoKr (Yeh et al. 2023, "Navigating Text-To-Image Customization",
 * section 3.2). The kernel of a convolution is D's.
 *
 * @param first C
 * @param second D
 * @param factor alpha/rank; 1 where both are stored whole
 */
record Kronecker(Factor first, Factor second, double factor) implements Change.Delta {
    @Override
    public long out() {
        return first.out() * second.out();
    }

    @Override
    public long in() {
        return first.in() * second.in();
    }

    @Override
    public Tensor product(Device device) {
        return first.matrix(device).kron(second.matrix(device));
    }
}
