package dev.latente.weights.hub;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The folders of the cache, laid out as {@code huggingface_hub} does, which reads ours and whose we read.
 *
 * <pre>
 * models--org--name/blobs/ETAG                          the files' bytes, each once
 * models--org--name/snapshots/COMMIT/unet/config.json   relative links to blobs
 * models--org--name/refs/main                           the commit that a branch or tag meant last
 * models--org--name/trees/COMMIT.latente.json           which files there are, for use without a network
 * .locks/models--org--name/ETAG.lock                    held while a blob is written
 * </pre>
 */
final class Cache {
    /** A channel lock is for other processes only: threads of this one would get an exception instead of a wait. */
    private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

    private final Path root;
    private final Host host;

    Cache(Path root, Host host) {
        this.root = root;
        this.host = host;
    }

    Path root() {
        return root;
    }

    Path snapshot(HubId id, String commit) {
        return folder(id).resolve("snapshots").resolve(commit);
    }

    Path blob(HubId id, String etag) {
        return folder(id).resolve("blobs").resolve(etag);
    }

    private Path folder(HubId id) {
        return root.resolve(folderName(id));
    }

    private static String folderName(HubId id) {
        return "models--%s--%s".formatted(id.org(), id.name());
    }

    /** Whether the file is there with that length; any length will do for -1. */
    static boolean has(Path file, long size) {
        try {
            return Files.isRegularFile(file) && (size < 0 || Files.size(file) == size);
        } catch (IOException e) {
            return false;
        }
    }

    /** The commit that the revision is, or was when the network was last asked. */
    Optional<String> commit(HubId id) {
        Path ref = ref(id);
        if (id.pinned() || !Files.isRegularFile(ref)) {
            return id.pinned() ? Optional.of(id.revision()) : Optional.empty();
        }
        try {
            return Optional.of(Files.readString(ref).strip()).filter(HubId::isCommit);
        } catch (IOException e) {
            throw new HubException("[%s] cannot be read: %s".formatted(ref, e.getMessage()), e);
        }
    }

    /** Notes what the revision means. */
    void remember(HubId id, String commit) {
        if (!id.pinned()) {
            replace(ref(id), commit);
        }
    }

    /** Notes which files there are. */
    void remember(HubId id, Listing listing) {
        replace(trees(id).resolve(listing.commit() + ".latente.json"), listing.json());
    }

    /** The files of a commit, where we or {@code huggingface_hub} have kept them. */
    Optional<Listing> listing(HubId id, String commit) {
        return Stream.of(".json", ".latente.json")
                .map(ending -> trees(id).resolve(commit + ending))
                .filter(Files::isRegularFile)
                .flatMap(file -> readable(commit, file).stream())
                .findFirst();
    }

    /** A damaged note is as good as none. */
    private static Optional<Listing> readable(String commit, Path file) {
        try {
            return Optional.of(Listing.kept(commit, Json.read(file)));
        } catch (WeightsException e) {
            return Optional.empty();
        }
    }

    /** The files that are in the folder, named as in the repository. */
    static List<String> files(Path snapshot) {
        if (!Files.isDirectory(snapshot)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(snapshot)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new HubException("[%s] cannot be read: %s".formatted(snapshot, e.getMessage()), e);
        }
    }

    private Path ref(HubId id) {
        return folder(id).resolve("refs").resolve(id.revision());
    }

    private Path trees(HubId id) {
        return folder(id).resolve("trees");
    }

    /** A cache that has all the files but cannot be written is no error: the note is for use without a network only. */
    private static void replace(Path file, String text) {
        Path draft = draft(file);
        try {
            if (!Files.isRegularFile(file) || !Files.readString(file).equals(text)) {
                Files.createDirectories(file.getParent());
                Files.writeString(draft, text);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            draft.toFile().delete();
        }
    }

    /** Puts the blob into the snapshot: as a relative link, else as a second name, else as a copy. */
    void link(Path blob, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path draft = draft(file);
        try {
            try {
                host.linking()
                        .link(draft, Objects.requireNonNull(file.getParent()).relativize(blob));
            } catch (UnsupportedOperationException | FileSystemException e) {
                copy(blob, draft);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void copy(Path blob, Path file) throws IOException {
        try {
            Files.createLink(file, blob);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(blob, file);
        }
    }

    private static Path draft(Path file) {
        return file.resolveSibling("%s.%s.tmp".formatted(file.getFileName(), UUID.randomUUID()));
    }

    /**
     * Runs the work while no other thread or process of ours works on this blob. A lock file that a killed process left behind
     * is not locked. Python's locks are of another kind on Linux, so the two libraries do not wait for each other: each
     * writes its own unfinished file, and gives it its name when it is whole.
     */
    void locked(HubId id, String etag, Work work) throws IOException, InterruptedException {
        Path folder = root.resolve(".locks").resolve(folderName(id));
        // The real path, since two names of one file would be two locks here, but one to the system.
        Path file = Files.createDirectories(folder).toRealPath().resolve(etag + ".lock");
        ReentrantLock lock = IN_PROCESS.computeIfAbsent(file, f -> new ReentrantLock());
        lock.lockInterruptibly();
        try {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = channel.lock()) {
                if (held.isValid()) {
                    work.run();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is done under a lock. */
    interface Work {
        void run() throws IOException;
    }
}
