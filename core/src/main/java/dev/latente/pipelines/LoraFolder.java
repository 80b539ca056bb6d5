package dev.latente.pipelines;

import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A folder of adapters, which are found by name: that of the file without its ending, or of a folder of diffusers; else the
 * name that the metadata of a file say it was written with ({@code ss_output_name}).
 */
public record LoraFolder(Path path) {
    private static final String FOLDER_FILE = "pytorch_lora_weights.safetensors";

    /** Folders in folders are looked through to that depth. */
    private static final int DEPTH = 5;

    /** Names of which more than one letter in so many differs are not near. */
    private static final int NEAR = 3;

    /**
     * The file of that name, wherever in the folder it is; the first by path if there are several.
     *
     * @throws WeightsException if there is none; the message has the names that are near
     */
    public Path find(String name) {
        List<Path> files = files();
        return files.stream()
                .filter(file -> name(file).equals(name))
                .findFirst()
                .or(() -> files.stream()
                        .filter(file -> name(file).equalsIgnoreCase(name))
                        .findFirst())
                .or(() -> files.stream()
                        .filter(file -> outputName(file).equals(name))
                        .findFirst())
                .orElseThrow(() -> missing(name, files));
    }

    private WeightsException missing(String name, List<Path> files) {
        List<String> near = files.stream()
                .map(LoraFolder::name)
                .distinct()
                .filter(other -> distance(name, other) <= Math.max(1, name.length() / NEAR)
                        || contains(name, other)
                        || contains(other, name))
                .sorted(Comparator.comparingInt((String other) -> distance(name, other))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(5)
                .toList();
        String what = Files.isDirectory(path)
                ? "none of its %d LoRAs is called [%s]".formatted(files.size(), name)
                : "there is no such folder to find the LoRA [%s] in".formatted(name);
        return new WeightsException(
                path, null, what + (near.isEmpty() ? "" : ", did you mean %s?".formatted(String.join(", ", near))));
    }

    private static boolean contains(String text, String part) {
        return part.length() > 2 && text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private List<Path> files() {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(path, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(file -> file.toString().matches(".*\\.(safetensors|pt|ckpt|bin)"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new WeightsException(path, null, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        Path folder = file.getParent();
        return name.equals(FOLDER_FILE) && folder != null
                ? String.valueOf(folder.getFileName())
                : name.replaceFirst("\\.[^.]*$", "");
    }

    private static String outputName(Path file) {
        try (TensorFile opened = TensorFiles.open(file)) {
            return opened.metadata().getOrDefault("ss_output_name", "");
        } catch (WeightsException e) {
            return ""; // one broken file is no reason not to find another
        }
    }

    /** Letters to add, to leave out or to change (Levenshtein 1966), whatever their case. */
    private static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[to.length()];
    }
}
