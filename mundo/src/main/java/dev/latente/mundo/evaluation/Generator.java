package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Prompt;
import java.util.List;

/** Draws pictures of 128x128 pixels: what is measured. */
@FunctionalInterface
public interface Generator {
    /** One picture for each prompt, with the seeds {@code seed}, {@code seed + 1}, …. */
    List<Picture> draw(List<Prompt> prompts, long seed);
}
