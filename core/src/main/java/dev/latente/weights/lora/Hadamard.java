package dev.latente.weights.lora;

import dev.latente.tensor.Device;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A change by matrices of low rank that are multiplied entry by entry, ΔW = factor · (B₁·A₁) ⊙ (B₂·A₂): LoHa (Hyeon-Woo et
 * al. 2022, "FedPara", section 2.2). Of one matrix alone it is LoCon's Tucker convolution.
 *
 * @param factors one or two, of the same size
 * @param factor alpha/rank
 */
record Hadamard(List<Factor> factors, double factor) implements Change.Delta {
    Hadamard {
        factors = List.copyOf(factors);
        long out = factors.get(0).out();
        long in = factors.get(0).in();
        if (factors.stream().anyMatch(f -> f.out() != out || f.in() != in)) {
            throw new IllegalArgumentException("multiplies matrices of different sizes");
        }
    }

    @Override
    public long out() {
        return factors.get(0).out();
    }

    @Override
    public long in() {
        return factors.get(0).in();
    }

    @Override
    public Tensor product(Device device) {
        return factors.stream().map(f -> f.matrix(device)).reduce(Tensor::mul).orElseThrow();
    }
}
