/// usr/bin/env jbang "$0" "$@" ; exit $?
// JAVA 17+
// DEPS dev.latente:latente-core:0.1.0-SNAPSHOT
// DEPS org.bytedeco:javacpp:1.5.13:linux-x86_64
// DEPS org.bytedeco:openblas:0.3.31-1.5.13:linux-x86_64
// DEPS org.bytedeco:pytorch:2.10.0-1.5.13:linux-x86_64
// RUNTIME_OPTIONS -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0
package dev.latente.examples;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import java.nio.file.Path;
import java.util.Map;

/** A picture from text: {@code TextToImageExample CHECKPOINT PROMPT}. */
public final class TextToImageExample {
    private TextToImageExample() {}

    public static void main(String[] args) {
        try (Checkpoint checkpoint = Checkpoint.load(Path.of(args[0]))) {
            Request request = Request.of(args[1])
                    .withNegative("blurry, deformed")
                    .withSize(512, 512)
                    .withSteps(20)
                    .withGuidance(7.5)
                    .withSeed(42);
            Picture picture = new TextToImage(checkpoint).generate(request).get(0);
            PictureFiles.writePng(Path.of("picture.png"), picture, Map.of());
        }
    }
}
