package dev.latente.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies where in the cache, and what happens where the disk does not do as it should. */
final class HubCacheTest {
    private static final HubId ID = LoopbackHub.ID;
    private static final Host.Waiting NO_WAIT = duration -> {};

    private final Path cache;

    private final LoopbackHub server = new LoopbackHub();

    HubCacheTest(@TempDir Path cache) {
        this.cache = cache;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Hub hub(Host host) {
        return new Hub(server.config(cache, 1), host);
    }

    private Hub hub() {
        return hub(Host.REAL);
    }

    private static List<String> all(List<String> files) {
        return files;
    }

    private Path folder() {
        return cache.resolve("models--org--name");
    }

    private void assertWhole(Path snapshot) {
        server.files.forEach((name, bytes) -> assertThat(snapshot.resolve(name)).hasBinaryContent(bytes));
    }

    /** Each file and link below the cache, except for the locks. */
    private List<String> tree() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            List<String> lines = new ArrayList<>();
            for (Path file : files.filter(f -> !Files.isDirectory(f)).sorted().toList()) {
                String name = cache.relativize(file).toString();
                lines.add(Files.isSymbolicLink(file) ? name + " -> " + Files.readSymbolicLink(file) : name);
            }
            lines.removeIf(line -> line.startsWith(".locks"));
            return lines;
        }
    }

    @Test
    void laysFilesOutAsPythonDoes() throws IOException {
        Path snapshot = hub().checkpoint(ID, null, Progress.NONE);
        assertThat(snapshot).isEqualTo(folder().resolve("snapshots").resolve(LoopbackHub.COMMIT));
        String config = server.etag(LoopbackHub.CONFIG);
        String index = server.etag("model_index.json");
        String weights = server.etag(LoopbackHub.WEIGHTS);
        String top = "models--org--name/";
        String files = top + "snapshots/0123456789abcdef0123456789abcdef01234567/";
        assertThat(tree())
                .containsExactlyInAnyOrder(
                        top + "blobs/" + config,
                        top + "blobs/" + index,
                        top + "blobs/" + weights,
                        top + "refs/main",
                        files + "model_index.json -> ../../blobs/" + index,
                        files + "unet/config.json -> ../../../blobs/" + config,
                        files + "unet/diffusion_pytorch_model.safetensors -> ../../../blobs/" + weights,
                        top + "trees/0123456789abcdef0123456789abcdef01234567.latente.json");
        assertThat(folder().resolve("refs/main")).content().isEqualTo(LoopbackHub.COMMIT);
        // git hash-object of "{}\n"
        assertThat(config).isEqualTo("0967ef424bce6791893e9a57bb952f80fd536e93");
        assertThat(cache.resolve(".locks/models--org--name/" + config + ".lock"))
                .exists();
        assertWhole(snapshot);
    }

    @Test
    void takesWhatIsThereAndFetchesTheRest() {
        hub().file(ID, LoopbackHub.WEIGHTS, Progress.NONE);
        server.seen.clear();
        assertWhole(hub().snapshot(ID, HubCacheTest::all, Progress.NONE));
        assertThat(server.seen).noneMatch(seen -> seen.where().equals("storage"));
        server.seen.clear();
        assertWhole(hub().snapshot(ID, HubCacheTest::all, Progress.NONE));
        assertThat(server.seen).hasSize(1);
    }

    @Test
    void aWholeCommitNeedsNoNetwork() {
        hub().snapshot(ID, HubCacheTest::all, Progress.NONE);
        server.close();
        assertWhole(hub().snapshot(ID.at(LoopbackHub.COMMIT), HubCacheTest::all, Progress.NONE));
    }

    @Test
    void branchesWithASlashHaveTheirFolder() {
        hub().file(ID.at("refs/pr/1"), LoopbackHub.CONFIG, Progress.NONE);
        assertThat(folder().resolve("refs/refs/pr/1")).content().isEqualTo(LoopbackHub.COMMIT);
        assertThat(server.seen).anyMatch(seen -> seen.path().contains("refs%2Fpr%2F1"));
    }

    @Test
    void replacesABlobOfAnotherLength() throws IOException {
        Path file = hub().file(ID, LoopbackHub.WEIGHTS, Progress.NONE);
        Files.write(folder().resolve("blobs").resolve(server.etag(LoopbackHub.WEIGHTS)), new byte[5]);
        hub().snapshot(ID, HubCacheTest::all, Progress.NONE);
        assertThat(file).hasBinaryContent(server.weights());
    }

    @Test
    void offlineUsesWhatIsWholeAndSaysWhatIsMissing() throws IOException {
        Hub offline = new Hub(server.config(cache, 1).withOffline(true));
        assertThatThrownBy(() -> offline.snapshot(ID, HubCacheTest::all, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
        Path snapshot = hub().checkpoint(ID, null, Progress.NONE);
        server.seen.clear();
        assertThat(offline.checkpoint(ID, null, Progress.NONE)).isEqualTo(snapshot);
        assertThat(offline.file(ID, LoopbackHub.CONFIG, Progress.NONE)).isEqualTo(snapshot.resolve(LoopbackHub.CONFIG));
        assertThat(offline.files(ID).sizes()).containsEntry(LoopbackHub.WEIGHTS, 300_000L);
        Files.delete(snapshot.resolve(LoopbackHub.WEIGHTS));
        assertThatThrownBy(() -> offline.checkpoint(ID, null, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(LoopbackHub.WEIGHTS);
        assertThat(server.seen).isEmpty();
    }

    @Test
    void offlineUsesWhatPythonDownloaded() throws IOException {
        Path snapshot = Files.createDirectories(folder().resolve("snapshots").resolve(LoopbackHub.COMMIT));
        Files.writeString(snapshot.resolve("a.safetensors"), "weights");
        Files.createDirectories(folder().resolve("refs"));
        Files.writeString(folder().resolve("refs/main"), LoopbackHub.COMMIT);
        Hub offline = new Hub(server.config(cache, 1).withOffline(true));
        assertThat(offline.checkpoint(ID, null, Progress.NONE)).isEqualTo(snapshot);
    }

    @Test
    void saysNeededAndFreeBytesBeforeItStarts() {
        Host full = new Host(Host.REAL.appending(), Host.REAL.linking(), folder -> 300_000, NO_WAIT);
        assertThatThrownBy(() -> hub(full).snapshot(ID, HubCacheTest::all, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("needs 300050 bytes")
                .hasMessageContaining("300000 free");
        assertThat(server.seen).noneMatch(seen -> seen.where().equals("storage"));
        assertWhole(hub().snapshot(ID, HubCacheTest::all, Progress.NONE));
    }

    @Test
    void goesOnAfterADiskWasFull() {
        Host filling = new Host(
                file -> new Limited(Host.REAL.appending().open(file), 150_000),
                Host.REAL.linking(),
                Host.REAL.freeSpace(),
                NO_WAIT);
        assertThatThrownBy(() -> hub(filling).file(ID, LoopbackHub.WEIGHTS, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("No space left on device")
                .hasMessageContaining("make room");
        assertThat(folder().resolve("blobs").resolve(server.etag(LoopbackHub.WEIGHTS)))
                .doesNotExist();
        assertWhole(hub().snapshot(ID, HubCacheTest::all, Progress.NONE));
    }

    /** A disk with room for so many bytes. */
    private static final class Limited extends FilterOutputStream {
        private int room;

        Limited(OutputStream out, int room) {
            super(out);
            this.room = room;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, Math.min(length, room));
            room -= length;
            if (room < 0) {
                throw new IOException("No space left on device");
            }
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "");
        Hub hub = new Hub(server.config(file.resolve("hub"), 1));
        assertThatThrownBy(() -> hub.file(ID, LoopbackHub.CONFIG, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("HF_HUB_CACHE");
        Host readOnly = new Host(
                part -> {
                    throw new FileSystemException(part.toString(), null, "Read-only file system");
                },
                Host.REAL.linking(),
                Host.REAL.freeSpace(),
                NO_WAIT);
        assertThatThrownBy(() -> hub(readOnly).file(ID, LoopbackHub.CONFIG, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("Read-only file system");
    }

    @Test
    void copiesWhereThereAreNoLinks() throws IOException {
        Host noLinks = new Host(
                Host.REAL.appending(),
                (link, target) -> {
                    throw new FileSystemException(
                            link.toString(), null, "A required privilege is not held by the client");
                },
                Host.REAL.freeSpace(),
                NO_WAIT);
        Path snapshot = hub(noLinks).snapshot(ID, HubCacheTest::all, Progress.NONE);
        assertThat(tree()).noneMatch(line -> line.contains(" -> "));
        assertWhole(snapshot);
        assertThat(new Hub(server.config(cache, 1).withOffline(true)).snapshot(ID, HubCacheTest::all, Progress.NONE))
                .isEqualTo(snapshot);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil.json",
                "unet/../../evil.json",
                "/etc/evil.json",
                "..\\evil.json",
                "a\0.json",
                "C:evil.json",
                "unet//config.json",
                "./config.json",
                "unet/aux.json",
                "unet/UNET./config.json",
                "Unet/config.json",
                "UNET/CONFIG.JSON"
            })
    void refusesNamesThatLeaveTheFolderOrCollide(String name) throws IOException {
        server.files.put(name, new byte[] {1});
        assertThatThrownBy(() -> hub().snapshot(ID, HubCacheTest::all, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("refused");
        assertThat(tree()).isEmpty();
        server.files.remove(name);
        assertWhole(hub().snapshot(ID, HubCacheTest::all, Progress.NONE));
    }

    @Test
    void refusesNamesThatTheCallerMakesUp() {
        assertThatThrownBy(() -> hub().file(ID, "../evil.json", Progress.NONE)).hasMessageContaining("refused");
        assertThat(server.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil", "", "..", "a/b", ".hidden"})
    void refusesEtagsThatAreNoFileNames(String etag) throws IOException {
        server.hubAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("X-Repo-Commit", LoopbackHub.COMMIT);
            exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
            LoopbackHub.send(exchange, 200, new byte[3]);
        });
        assertThatThrownBy(() -> hub().file(ID, LoopbackHub.CONFIG, Progress.NONE))
                .hasMessageContaining("etag");
        assertThat(tree()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil", "main", "0123"})
    void refusesCommitsThatAreNone(String commit) throws IOException {
        server.hubAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("X-Repo-Commit", commit);
            LoopbackHub.send(exchange, 200, new byte[3]);
        });
        assertThatThrownBy(() -> hub().file(ID, LoopbackHub.CONFIG, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("40 hexadecimal digits");
        assertThat(tree()).isEmpty();
    }

    @Test
    void anEmptyFileIsAFile() {
        server.files.put("empty.txt", new byte[0]);
        assertThat(hub().file(ID, "empty.txt", Progress.NONE)).isEmptyFile();
    }

    @Test
    void reportsProgressToTheEnd() {
        List<Long> done = new ArrayList<>();
        hub().file(ID, LoopbackHub.WEIGHTS, (file, bytes, total) -> {
            assertThat(file).isEqualTo(LoopbackHub.WEIGHTS);
            assertThat(total).isEqualTo(300_000);
            done.add(bytes);
        });
        assertThat(done).isSorted().last().isEqualTo(300_000L);
    }
}
