package dev.latente.mundo;

import dev.latente.training.data.Dataset;
import dev.latente.training.recipe.DataSource;
import dev.latente.training.recipe.Section;
import dev.latente.training.text.ClipVocabulary;

/**
 * The world as a source of a recipe: {@code data: {mundo: {first: 0, count: 100000}}}.
 *
 * @param first seed of the first picture
 * @param count pictures
 */
public record MundoSource(long first, int count) implements DataSource {
    /** Reads it from the section {@code data}. */
    public static MundoSource of(Section data) {
        Section mundo = data.section("mundo");
        return new MundoSource(mundo.whole("first", 0), mundo.integer("count"));
    }

    @Override
    public Dataset open() {
        return new MundoDataset(first, count);
    }

    /** Of all that captions can say, whichever pictures are drawn. */
    @Override
    public ClipVocabulary vocabulary(Dataset data, int size) {
        return Vocabulary.learn();
    }

    @Override
    public String identity(Dataset data) {
        return toString();
    }
}
