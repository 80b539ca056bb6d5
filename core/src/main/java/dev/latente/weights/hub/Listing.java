package dev.latente.weights.hub;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The files of a model at one commit.
 *
 * @param sizes the length of each file in bytes by its name, -1 where the Hub does not say it
 */
public record Listing(String commit, SortedMap<String, Long> sizes) {
    public Listing {
        checkCommit(commit);
    }

    /** The names, sorted. */
    public List<String> files() {
        return new ArrayList<>(sizes.keySet());
    }

    /** From the answer of {@code /api/models/org/name/revision/rev?blobs=true}. */
    static Listing of(HubId id, String json) {
        try {
            JsonNode root = Json.parse(json);
            SortedMap<String, Long> sizes = new TreeMap<>();
            for (JsonNode file : root.path("siblings")) {
                sizes.put(file.path("rfilename").asString(""), file.path("size").asLong(-1));
            }
            return new Listing(root.path("sha").asString(""), sizes);
        } catch (JacksonException e) {
            throw new HubException("%s: the list of files is not JSON: check HF_ENDPOINT".formatted(id), e);
        }
    }

    /** What is kept in the cache, in the shape of {@code huggingface_hub}'s own {@code trees/commit.json}. */
    String json() {
        Map<String, Object> files = new TreeMap<>();
        sizes.forEach((name, size) -> files.put(name, Map.of("size", size)));
        return Json.text(Map.of("format_version", 1, "files", files));
    }

    /** @throws WeightsException if the file is not such a listing */
    static Listing kept(String commit, JsonNode root) {
        SortedMap<String, Long> sizes = new TreeMap<>();
        root.path("files")
                .properties()
                .forEach(file ->
                        sizes.put(file.getKey(), file.getValue().path("size").asLong(-1)));
        return new Listing(commit, sizes);
    }

    static String checkCommit(String commit) {
        if (!HubId.isCommit(commit)) {
            throw new HubException(
                    "the Hub gives [%s] as the commit, not 40 hexadecimal digits: check HF_ENDPOINT".formatted(commit));
        }
        return commit;
    }

    /**
     * Refuses names that would leave the folder, or that another system reads as something else: they come from whoever
     * made the repository.
     */
    static List<String> checkNames(HubId id, List<String> names) {
        Map<String, String> seen = new HashMap<>();
        for (String name : names) {
            if (!isSafe(name)) {
                throw new HubException(
                        "%s: the file name [%s] could leave the cache folder: refused".formatted(id, name));
            }
            String other = seen.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null && !other.equals(name)) {
                throw new HubException(
                        "%s: the file names [%s] and [%s] are the same where case does not count: refused"
                                .formatted(id, other, name));
            }
        }
        return names;
    }

    private static boolean isSafe(String name) {
        if (name.isEmpty() || name.length() > 1000 || name.matches("(?s).*[\\\\:\\p{Cntrl}].*")) {
            return false;
        }
        for (String part : name.split("/", -1)) {
            boolean device = part.matches("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");
            if (part.isEmpty() || part.endsWith(".") || part.endsWith(" ") || device) {
                return false;
            }
        }
        return true;
    }
}
