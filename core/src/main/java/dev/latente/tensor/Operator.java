package dev.latente.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.IntType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.jspecify.annotations.Nullable;

/** An operator that libtorch registers without a function of its own, called through the dispatcher. Thread-safe. */
final class Operator {
    private static final Map<List<Long>, IValue> LISTS = new ConcurrentHashMap<>();

    private final String kind;
    private final OperatorHandle handle;

    /**
     * Looks an operator up.
     *
     * @param kind what profiles and errors call it
     * @param overload as in the operator's schema; empty for the first one
     */
    Operator(String kind, String name, String overload) {
        this.kind = kind;
        handle = lasting(() -> Dispatcher.singleton().findSchemaOrThrow(name, overload));
    }

    /** Its only result; {@code inputs} are those of the arguments that an error shall show. */
    Tensor call(List<Tensor> inputs, IValue... arguments) {
        return TensorException.call(
                kind,
                () -> {
                    try (IValueVector stack = new IValueVector()) {
                        for (IValue argument : arguments) {
                            stack.push_back(argument);
                        }
                        handle.callBoxed(stack);
                        return new Tensor(stack.get(0).toTensor()); // what is in the stack goes with it
                    }
                },
                inputs.toArray(Tensor[]::new));
    }

    static IValue value(@Nullable Tensor x) {
        return x == null ? new IValue() : new IValue(x);
    }

    // Constants live as long as the program; what is made of tensors lives in the scope of the call.

    static IValue constant(long value) {
        return lasting(() -> new IValue(value));
    }

    static IValue constant(double value) {
        return lasting(() -> new IValue(value));
    }

    static IValue constant(String value) {
        return lasting(() -> new IValue(value));
    }

    /** For an optional argument. */
    static IValue nothing() {
        return lasting(IValue::new);
    }

    /** A list, of which there is one for the same numbers. */
    static IValue integers(long... values) {
        return LISTS.computeIfAbsent(
                Arrays.stream(values).boxed().toList(),
                numbers -> lasting(() -> {
                    GenericList list = new GenericList(
                            new Type.TypePtr(IntType.getIntTypePtr().get()));
                    for (long each : numbers) {
                        list.push_back(new IValue(each));
                    }
                    return new IValue(list);
                }));
    }

    /** An empty list of the type that an argument has, for one that no function makes. */
    IValue emptyList(int argument) {
        return lasting(() -> new IValue(new GenericList(
                handle.schema().arguments().getPointer(argument).type().get().containedType(0))));
    }

    /** Keeps what a scope would free. */
    private static <P extends org.bytedeco.javacpp.Pointer> P lasting(Supplier<P> maker) {
        try (PointerScope scope = new PointerScope()) {
            return maker.get().retainReference();
        }
    }
}
