/// usr/bin/env jbang "$0" "$@" ; exit $?
// JAVA 17+
// DEPS dev.latente:latente-core:0.1.0-SNAPSHOT
// DEPS org.bytedeco:javacpp:1.5.13:linux-x86_64
// DEPS org.bytedeco:openblas:0.3.31-1.5.13:linux-x86_64
// DEPS org.bytedeco:pytorch:2.10.0-1.5.13:linux-x86_64
// RUNTIME_OPTIONS -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0
package dev.latente.examples;

import dev.latente.diffusion.Samplers;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.ImageToImage;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Source;
import java.nio.file.Path;
import java.util.Map;

/** A picture drawn over another one, with a sampler of one's own choice: {@code ImageToImageExample CHECKPOINT PICTURE PROMPT}. */
public final class ImageToImageExample {
    private ImageToImageExample() {}

    public static void main(String[] args) {
        try (Checkpoint checkpoint = Checkpoint.load(Path.of(args[0]))) {
            Source sketch = Source.of(PictureFiles.read(Path.of(args[1])), 0.7);
            Request request = Request.of(args[2])
                    .withScheduler(Samplers.of("DPM++ 2M Karras", checkpoint.scheduler()))
                    .withSteps(30)
                    .withSeed(42);
            Picture picture = new ImageToImage(checkpoint)
                    .generate(request, sketch, (call, calls, latents) -> System.out.printf("%d/%d%n", call, calls))
                    .get(0);
            PictureFiles.writePng(Path.of("picture.png"), picture, Map.of());
        }
    }
}
