package dev.latente.weights.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model of the Hub, written {@code org/name} or {@code org/name@revision}: a revision is a branch, a tag or a commit.
 *
 * <p>The rules are the Hub's: ASCII letters, digits, {@code - _ .}, at most 96 of them, no {@code --} and no {@code ..}, no
 * punctuation at either end. So an id never names a place outside its folder of the cache.
 */
public record HubId(String org, String name, String revision) {
    /** The branch that is meant where no revision is given. */
    public static final String MAIN = "main";

    private static final Pattern PART = Pattern.compile("\\w(?:[\\w.-]{0,94}\\w)?");
    private static final Pattern REVISION = Pattern.compile("\\w[\\w.-]*(?:/\\w[\\w.-]*)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern FILE = Pattern.compile(".*\\.(?:git|safetensors|ckpt)");

    public HubId {
        if (!valid(org, name, revision)) {
            throw new HubException(
                    "[%s/%s@%s] is not a model of the Hub: write org/name or org/name@revision, or ./path for a file"
                            .formatted(org, name, revision));
        }
    }

    /**
     * Reads an id.
     *
     * @throws HubException if the text is not one
     */
    public static HubId parse(String text) {
        return tryParse(text)
                .orElseThrow(() -> new HubException(
                        "[%s] is not a model of the Hub: write org/name or org/name@revision, or ./path for a file"
                                .formatted(text)));
    }

    /** Empty where the text is not an id, so that it can be taken for a path: {@code ./org/name} always is one. */
    public static Optional<HubId> tryParse(String text) {
        int at = text.indexOf('@');
        String repo = at < 0 ? text : text.substring(0, at);
        String revision = at < 0 ? MAIN : text.substring(at + 1);
        int slash = repo.indexOf('/');
        if (slash < 0 || !valid(repo.substring(0, slash), repo.substring(slash + 1), revision)) {
            return Optional.empty();
        }
        return Optional.of(new HubId(repo.substring(0, slash), repo.substring(slash + 1), revision));
    }

    /** Whether the revision is a commit, which never changes. */
    public boolean pinned() {
        return isCommit(revision);
    }

    /** The same model at another revision. */
    public HubId at(String other) {
        return new HubId(org, name, other);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    private static boolean valid(String org, String name, String revision) {
        return validPart(org) && validPart(name) && !FILE.matcher(name).matches() && validRevision(revision);
    }

    private static boolean validPart(String part) {
        return PART.matcher(part).matches() && !part.contains("--") && !part.contains("..");
    }

    private static boolean validRevision(String revision) {
        return revision.length() <= 200
                && REVISION.matcher(revision).matches()
                && !revision.contains("..")
                && !revision.endsWith(".lock");
    }

    @Override
    public String toString() {
        return revision.equals(MAIN) ? org + "/" + name : org + "/" + name + "@" + revision;
    }
}
