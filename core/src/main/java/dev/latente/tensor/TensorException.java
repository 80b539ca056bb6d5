package dev.latente.tensor;

import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** A libtorch error: its first line, the operation and the shapes of the inputs, without the C++ trace. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TensorException(String message, Throwable cause) {
        super(message, cause);
    }

    static Tensor call(String operation, Supplier<Tensor> body, Tensor... inputs) {
        try {
            return body.get();
        } catch (TensorException e) {
            throw e;
        } catch (RuntimeException e) {
            StringBuilder shapes = new StringBuilder();
            for (Tensor t : inputs) {
                shapes.append(shapes.isEmpty() ? "" : ", ").append(Arrays.toString(Ops.shape(t)));
            }
            throw new TensorException("%s(%s): %s".formatted(operation, shapes, firstLine(e)), e);
        }
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
