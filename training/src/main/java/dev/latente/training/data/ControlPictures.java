package dev.latente.training.data;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a ControlNet is shown beside each training picture. */
@FunctionalInterface
public interface ControlPictures {
    /** RGB, of the size of the sample's picture, flipped and cropped as it is. */
    Picture of(Sample sample);

    /** Edges that are found in the picture itself (Canny 1986); 100 and 200 are usual. */
    static ControlPictures canny(double low, double high) {
        return sample -> Edges.canny(sample.picture(), low, high).rgb();
    }

    /**
     * Pictures of the same names in another folder, whatever their endings.
     *
     * @throws IllegalArgumentException when asked for one that is not there
     */
    static ControlPictures folder(Path folder) {
        return sample -> {
            String stem = sample.name().replaceFirst("\\.[^./]*$", "");
            for (String ending : List.of(".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")) {
                Path file = folder.resolve(stem + ending);
                if (Files.isRegularFile(file)) {
                    return Augment.like(sample, PictureFiles.read(file).rgb());
                }
            }
            throw new IllegalArgumentException(
                    "%s: has no control picture for [%s]: wanted [%s] with the ending of a picture"
                            .formatted(folder, sample.name(), stem));
        };
    }

    /**
     * Pictures that a column of {@code metadata.jsonl} names, such as {@code conditioning_image}, in a folder as
     * {@link FolderDataset} reads it.
     *
     * @throws IllegalArgumentException if a line lacks the column or names a file outside of the folder
     */
    static ControlPictures column(Path folder, String column) {
        Path file = folder.resolve("metadata.jsonl");
        Map<String, Path> pictures = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (!line.isBlank()) {
                    JsonNode json = Json.parse(line);
                    String name = json.path("file_name").asString("");
                    Path picture =
                            folder.resolve(json.path(column).asString("")).normalize();
                    if (!json.path(column).isString() || !picture.startsWith(folder.normalize())) {
                        throw new IllegalArgumentException("%s: [%s] has the [%s] [%s], wanted a file of the folder"
                                .formatted(file, name, column, json.path(column).asString("")));
                    }
                    pictures.put(name, picture);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("%s: is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        return sample -> {
            Path picture = pictures.get(sample.name());
            if (picture == null) {
                throw new IllegalArgumentException("%s: does not name [%s]".formatted(file, sample.name()));
            }
            return Augment.like(sample, PictureFiles.read(picture).rgb());
        };
    }
}
