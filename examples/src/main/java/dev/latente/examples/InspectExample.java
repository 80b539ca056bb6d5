/// usr/bin/env jbang "$0" "$@" ; exit $?
// JAVA 17+
// DEPS dev.latente:latente-core:0.1.0-SNAPSHOT
// DEPS org.bytedeco:javacpp:1.5.13:linux-x86_64
// DEPS org.bytedeco:openblas:0.3.31-1.5.13:linux-x86_64
// DEPS org.bytedeco:pytorch:2.10.0-1.5.13:linux-x86_64
// RUNTIME_OPTIONS -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0
package dev.latente.examples;

import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import java.nio.file.Path;

/** The tensors of a file, whatever its format, without reading one of them: {@code InspectExample FILE}. */
public final class InspectExample {
    private InspectExample() {}

    public static void main(String[] args) {
        try (TensorFile file = TensorFiles.open(Path.of(args[0]))) {
            file.tensors().forEach((name, info) -> System.out.println(name + " " + info.dtype() + " " + info.shape()));
        }
    }
}
