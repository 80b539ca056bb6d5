package dev.latente.tensor;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Lifetimes of native memory. A scope frees every tensor made in it when it closes; what is kept is handed to the scope
 * around it. Scopes belong to a thread and open only at step boundaries (a sampler step, an encode, a decode).
 */
public final class Scopes {
    private Scopes() {}

    /** Runs {@code body}, frees its temporaries and hands its result to the caller's scope. */
    public static Tensor keep(Supplier<Tensor> body) {
        PointerScope outer = PointerScope.getInnerScope();
        Tensor result;
        try (PointerScope scope = new PointerScope()) {
            result = body.get();
            result.retainReference();
        }
        handOver(result, outer);
        return result;
    }

    /** As {@link #keep}, for a body that makes several tensors. */
    public static List<Tensor> keepAll(Supplier<List<Tensor>> body) {
        PointerScope outer = PointerScope.getInnerScope();
        List<Tensor> results;
        try (PointerScope scope = new PointerScope()) {
            results = body.get();
            results.forEach(Tensor::retainReference);
        }
        results.forEach(t -> handOver(t, outer));
        return results;
    }

    /**
     * Passes x through one step after the other; what a step made is freed as soon as the next has used it. A step returns
     * something new, not its input.
     */
    public static Tensor chain(Tensor x, List<? extends UnaryOperator<Tensor>> steps) {
        return keep(() -> {
            Tensor current = x.view_as(x);
            for (UnaryOperator<Tensor> step : steps) {
                try (Tensor input = current) {
                    current = keep(() -> step.apply(input));
                }
            }
            return current;
        });
    }

    /** Runs {@code body} and frees everything it made; the result must not be native. */
    public static <T> T within(Supplier<T> body) {
        try (PointerScope scope = new PointerScope()) {
            return body.get();
        }
    }

    /** As {@link #within(Supplier)}, without a result. */
    public static void run(Runnable body) {
        try (PointerScope scope = new PointerScope()) {
            body.run();
        }
    }

    /**
     * Makes a tensor that no scope frees; the caller owns it and must {@link #release} it. For tensors that are stored in
     * a field.
     */
    public static Tensor own(Supplier<Tensor> body) {
        try (PointerScope scope = new PointerScope()) {
            return body.get().retainReference();
        }
    }

    /** Gives up a tensor that came from {@link #own}. */
    public static void release(Tensor tensor) {
        tensor.releaseReference();
    }

    private static void handOver(Tensor tensor, PointerScope outer) {
        if (outer != null) {
            // The reference taken inside the closed scope passes to the outer one.
            outer.attach(tensor);
            tensor.releaseReference();
        }
    }
}
