package dev.latente.nn;

import dev.latente.tensor.Functional;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/** Nonlinearities, by the names that configuration files use. */
public enum Activation {
    /** x · sigmoid(1.702 x), as in OpenAI's CLIP. */
    QUICK_GELU,
    GELU,
    GELU_TANH,
    RELU,
    SILU,
    MISH;

    /**
     * Reads a name such as {@code quick_gelu} or {@code silu}.
     *
     * @throws IllegalArgumentException if it is not known
     */
    public static Activation of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "quick_gelu" -> QUICK_GELU;
            case "gelu", "gelu_python" -> GELU;
            case "gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh" -> GELU_TANH;
            case "relu" -> RELU;
            case "silu", "swish" -> SILU;
            case "mish" -> MISH;
            default ->
                throw new IllegalArgumentException(
                        "activation [%s] is not known: use quick_gelu, gelu, gelu_new, relu, silu or mish"
                                .formatted(name));
        };
    }

    /** x -> the same shape. */
    public Tensor apply(Tensor x) {
        return switch (this) {
            case QUICK_GELU -> Functional.quickGelu(x);
            case GELU -> Functional.gelu(x);
            case GELU_TANH -> Functional.geluTanh(x);
            case RELU -> Functional.relu(x);
            case SILU -> Functional.silu(x);
            case MISH -> Functional.mish(x);
        };
    }

    /** As {@link #apply}, but x may be overwritten: fresh memory costs as much as the arithmetic. */
    public Tensor consume(Tensor x) {
        return this == SILU ? Functional.siluInPlace(x) : apply(x);
    }
}
