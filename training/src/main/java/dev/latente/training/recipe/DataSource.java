package dev.latente.training.recipe;

import dev.latente.training.data.Captioned;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.FolderDataset;
import dev.latente.training.data.ParquetDataset;
import dev.latente.training.data.TensorCache;
import dev.latente.training.data.WebDataset;
import dev.latente.training.text.BpeTrainer;
import dev.latente.training.text.ClipVocabulary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Where a recipe's examples come from. */
public interface DataSource {
    /** Examples whose captions a vocabulary is learned from, at most. */
    int MOST_CAPTIONS = 20_000;

    Dataset open();

    /** A vocabulary of that size for the captions. */
    default ClipVocabulary vocabulary(Dataset data, int size) {
        BpeTrainer trainer = new BpeTrainer();
        for (int i = 0; i < Math.min(data.size(), MOST_CAPTIONS); i++) {
            data.get(i).captions().forEach(trainer::add);
        }
        return trainer.learn(size);
    }

    /** Changes when the examples do. */
    default String identity(Dataset data) {
        return TensorCache.key(
                this, IntStream.range(0, data.size()).mapToObj(data::name).toList());
    }

    /** A folder of pictures with their captions beside them. */
    record Folder(Path path, String column) implements DataSource {
        @Override
        public Dataset open() {
            return FolderDataset.open(path, column);
        }

        @Override
        public String identity(Dataset data) {
            return TensorCache.hash(path);
        }
    }

    /** Tar shards. */
    record Shards(String files, String field) implements DataSource {
        @Override
        public Dataset open() {
            return WebDataset.open(files, field);
        }
    }

    /** Parquet files, unpacked into a folder. */
    record Parquet(String files, ParquetDataset.Columns columns, Path unpacked) implements DataSource {
        @Override
        public Dataset open() {
            return ParquetDataset.open(files, columns, unpacked);
        }
    }

    /** Examples of another source, all of which have the same captions. */
    record Said(DataSource pictures, List<String> captions) implements DataSource {
        @Override
        public Dataset open() {
            return new Captioned(pictures.open(), captions);
        }

        @Override
        public String identity(Dataset data) {
            return TensorCache.key(pictures.identity(data), captions);
        }
    }

    /** The sources that every recipe can name: how each is read from the section {@code data}. */
    static Map<String, Function<Section, DataSource>> standard() {
        Map<String, Function<Section, DataSource>> kinds = new LinkedHashMap<>();
        kinds.put("folder", s -> new Folder(s.path("folder"), s.text("caption_column", "text")));
        kinds.put("webdataset", s -> new Shards(s.text("webdataset"), s.text("caption_column", "caption")));
        kinds.put(
                "parquet",
                s -> new Parquet(
                        s.text("parquet"),
                        new ParquetDataset.Columns(s.text("image_column", "image"), s.text("caption_column", "text")),
                        Path.of(s.text("unpacked", "unpacked"))));
        return kinds;
    }
}
