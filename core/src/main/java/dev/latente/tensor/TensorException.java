package dev.latente.tensor;

import dev.latente.profile.Profile;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/** A libtorch error: its first line, the operation and the shapes of the inputs, without the C++ trace. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TensorException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Runs a native operation, which is profiled by its name, and whose errors name it. */
    static Tensor call(String operation, Supplier<Tensor> body, Tensor... inputs) {
        try {
            return profiled(operation, body, inputs);
        } catch (TensorException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new TensorException("%s(%s): %s".formatted(operation, shapes(inputs), firstLine(e)), e);
        }
    }

    /** Runs what is made of native operations and counts as one; errors are theirs. */
    static Tensor profiled(String operation, Supplier<Tensor> body, Tensor... inputs) {
        return Profile.operation(operation, () -> shapes(inputs), () -> {
            Tensor result = body.get();
            if (Profile.isOn()) {
                Ops.synchronize(result);
            }
            return result;
        });
    }

    private static String shapes(Tensor... inputs) {
        return Arrays.stream(inputs).map(t -> Arrays.toString(Ops.shape(t))).collect(Collectors.joining(", "));
    }

    /** Strips the C++ trace off an error that escaped from a tensor method; other errors pass as they are. */
    static RuntimeException brief(RuntimeException e) {
        String message = e.getMessage();
        if (e instanceof TensorException || message == null || !message.contains("Exception raised from")) {
            return e;
        }
        return new TensorException(firstLine(e), e);
    }

    private static String firstLine(RuntimeException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse("");
    }
}
