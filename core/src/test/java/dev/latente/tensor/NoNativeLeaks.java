package dev.latente.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test that leaves native objects behind, also those that the garbage collector would find one day. What is made
 * once for the process must have been made before, in a {@code BeforeAll} or {@code BeforeEach} method.
 */
public final class NoNativeLeaks implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
    private static final Namespace NAMESPACE = Namespace.create(NoNativeLeaks.class);

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        // What earlier tests left must not be found during this one, where it would make up for a leak.
        System.gc();
        context.getStore(NAMESPACE).put("objects", Memory.objects());
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        long before = context.getStore(NAMESPACE).getOrDefault("objects", Long.class, 0L);
        assertThat(Memory.objects()).as("native objects").isLessThanOrEqualTo(before);
    }
}
