package dev.latente.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch;

/** Element types that weights and activations are kept in. */
public enum DType {
    F64("F64", 8, torch.ScalarType.Double),
    F32("F32", 4, torch.ScalarType.Float),
    F16("F16", 2, torch.ScalarType.Half),
    BF16("BF16", 2, torch.ScalarType.BFloat16),
    F8_E4M3("F8_E4M3", 1, torch.ScalarType.Float8_e4m3fn),
    F8_E5M2("F8_E5M2", 1, torch.ScalarType.Float8_e5m2),
    I64("I64", 8, torch.ScalarType.Long),
    I32("I32", 4, torch.ScalarType.Int),
    I16("I16", 2, torch.ScalarType.Short),
    I8("I8", 1, torch.ScalarType.Char),
    U8("U8", 1, torch.ScalarType.Byte),
    U16("U16", 2, torch.ScalarType.UInt16),
    U32("U32", 4, torch.ScalarType.UInt32),
    U64("U64", 8, torch.ScalarType.UInt64),
    BOOL("BOOL", 1, torch.ScalarType.Bool),
    C64("C64", 8, torch.ScalarType.ComplexFloat);

    private final String code;
    private final int bytes;
    private final torch.ScalarType scalarType;

    DType(String code, int bytes, torch.ScalarType scalarType) {
        this.code = code;
        this.bytes = bytes;
        this.scalarType = scalarType;
    }

    /** The name that the safetensors format uses, such as {@code BF16}. */
    public String code() {
        return code;
    }

    /** Size of one element. */
    public int bytes() {
        return bytes;
    }

    public torch.ScalarType scalarType() {
        return scalarType;
    }

    public boolean isFloating() {
        return switch (this) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
            case I64, I32, I16, I8, U8, U16, U32, U64, BOOL, C64 -> false;
        };
    }

    /** The type of a libtorch scalar type. */
    public static DType of(torch.ScalarType type) {
        for (DType d : values()) {
            if (d.scalarType.value == type.value) {
                return d;
            }
        }
        throw new IllegalArgumentException("dtype [%s] is not supported".formatted(type));
    }

    /** Reads what people type: {@code fp32}, {@code float16}, {@code bf16}, {@code int8} or a safetensors code. */
    public static DType parse(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "fp32", "float32", "float", "f32" -> F32;
            case "fp16", "float16", "half", "f16" -> F16;
            case "bf16", "bfloat16" -> BF16;
            case "fp64", "float64", "double", "f64" -> F64;
            case "int8", "i8" -> I8;
            default ->
                throw new IllegalArgumentException(
                        "dtype [%s] is not known: use fp32, fp16, bf16 or int8".formatted(name));
        };
    }
}
