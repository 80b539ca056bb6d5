package dev.latente.training.data;

import dev.latente.image.Picture;
import java.util.List;

/**
 * A picture with what is said of it.
 *
 * @param name where it comes from
 * @param captions any number of texts, each of which describes the picture
 */
public record Example(String name, Picture picture, List<String> captions) {
    public Example {
        captions = List.copyOf(captions);
    }
}
