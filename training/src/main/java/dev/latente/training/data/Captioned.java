package dev.latente.training.data;

import dev.latente.pipelines.Size;
import java.util.List;

/**
 * The pictures of another dataset, each with the same captions, such as {@code a photo of sks dog}. Thread-safe.
 *
 * @param captions of which one is drawn each time
 */
public record Captioned(Dataset pictures, List<String> captions) implements Dataset {
    public Captioned {
        captions = List.copyOf(captions);
    }

    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public String name(int index) {
        return pictures.name(index);
    }

    @Override
    public Size pictureSize(int index) {
        return pictures.pictureSize(index);
    }

    @Override
    public Example get(int index) {
        Example example = pictures.get(index);
        return new Example(example.name(), example.picture(), captions);
    }

    @Override
    public List<Skipped> skipped() {
        return pictures.skipped();
    }

    @Override
    public void close() {
        pictures.close();
    }
}
