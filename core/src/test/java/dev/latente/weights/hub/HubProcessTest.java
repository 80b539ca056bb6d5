package dev.latente.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several threads and processes at one cache, and one that is killed. */
@Timeout(60)
final class HubProcessTest {
    private final Path cache;

    private final LoopbackHub server = new LoopbackHub();

    HubProcessTest(@TempDir Path cache) {
        this.cache = cache;
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Another process: downloads everything into the cache. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            download(URI.create(args[0]), Path.of(args[1]));
        }
    }

    private static Path download(URI address, Path cache) {
        Duration patience = Duration.ofSeconds(30);
        HubConfig config = new HubConfig(address, cache, null, false, patience, patience, 1);
        return new Hub(config).snapshot(LoopbackHub.ID, files -> files, Progress.NONE);
    }

    private Process child() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        server.address().toString(),
                        cache.toString())
                .inheritIO()
                .start();
    }

    private void assertWhole() {
        Path snapshot = cache.resolve("models--org--name/snapshots").resolve(LoopbackHub.COMMIT);
        server.files.forEach((name, bytes) -> assertThat(snapshot.resolve(name)).hasBinaryContent(bytes));
        assertThat(cache.resolve("models--org--name/blobs").toFile().list()).hasSize(server.files.size());
    }

    @Test
    void processesAndThreadsShareOneDownload() throws Exception {
        CountDownLatch others = new CountDownLatch(1);
        server.storageAnswers.add(exchange -> {
            exchange.sendResponseHeaders(200, 300_000);
            exchange.getResponseBody().write(server.weights(), 0, 100_000);
            exchange.getResponseBody().flush();
            try {
                others.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody().write(server.weights(), 100_000, 200_000);
        });
        List<Process> processes = List.of(child(), child());
        var threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Path>> paths = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                paths.add(threads.submit(() -> download(server.address(), cache)));
            }
            // All four have asked for the weights' etag, so all but one wait for the lock or come to it.
            while (server.seen.stream().filter(this::asksForWeights).count() < 4) {
                Thread.sleep(5);
            }
            others.countDown();
            for (Future<Path> path : paths) {
                assertThat(path.get()).exists();
            }
            for (Process process : processes) {
                assertThat(process.waitFor()).isZero();
            }
        } finally {
            others.countDown();
            threads.shutdownNow();
            processes.forEach(Process::destroyForcibly);
        }
        assertThat(server.seen.stream().filter(seen -> seen.where().equals("storage")))
                .hasSize(1);
        assertWhole();
    }

    private boolean asksForWeights(LoopbackHub.Seen seen) {
        return seen.method().equals("HEAD") && seen.path().endsWith(".safetensors");
    }

    @Test
    void goesOnAfterAKill() throws Exception {
        CountDownLatch killed = new CountDownLatch(1);
        server.storageAnswers.add(exchange -> {
            exchange.sendResponseHeaders(200, 300_000);
            exchange.getResponseBody().write(server.weights(), 0, 200_000);
            exchange.getResponseBody().flush();
            try {
                killed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Path blob = cache.resolve("models--org--name/blobs").resolve(server.etag(LoopbackHub.WEIGHTS));
        Path part = Download.incomplete(blob);
        Process process = child();
        try {
            while (process.isAlive() && !(Files.exists(part) && Files.size(part) == 200_000)) {
                Thread.sleep(5);
            }
        } finally {
            process.destroyForcibly().waitFor();
            killed.countDown();
        }
        assertThat(blob).doesNotExist();
        download(server.address(), cache);
        assertThat(server.seen).last().extracting(LoopbackHub.Seen::range).isEqualTo("bytes=200000-");
        assertWhole();
    }
}
