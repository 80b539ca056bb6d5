package dev.latente.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the network does: no bad file under its final name, and the next try succeeds. */
final class HubNetworkTest {
    private static final HubId ID = LoopbackHub.ID;

    private final Path cache;

    private final LoopbackHub server = new LoopbackHub();
    private final List<Duration> waits = new ArrayList<>();
    private final Host impatient =
            new Host(Host.REAL.appending(), Host.REAL.linking(), Host.REAL.freeSpace(), waits::add);

    HubNetworkTest(@TempDir Path cache) {
        this.cache = cache;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Hub hub(int attempts) {
        return new Hub(server.config(cache, attempts), impatient);
    }

    private Path blob() {
        return cache.resolve("models--org--name/blobs").resolve(server.etag(LoopbackHub.WEIGHTS));
    }

    private void assertNextTrySucceeds() throws IOException {
        assertThat(hub(1).file(ID, LoopbackHub.WEIGHTS, Progress.NONE)).hasBinaryContent(server.weights());
        assertThat(blob()).hasBinaryContent(server.weights());
        assertThat(Download.incomplete(blob())).doesNotExist();
    }

    /** As an earlier try would have left it. */
    private void keepPart(int count) throws IOException {
        Path part = Download.incomplete(blob());
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(server.weights(), count));
    }

    private void assertOneTryFails(String why) {
        assertThatThrownBy(() -> hub(1).file(ID, LoopbackHub.WEIGHTS, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(why);
        assertThat(blob()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 50, 99})
    void goesOnWhereAConnectionWasCut(int percent) throws IOException {
        int count = 3000 * percent;
        server.storageAnswers.add(LoopbackHub.cut(server.weights(), count));
        assertOneTryFails("bytes");
        // The client may see the end of the connection before it has handed on the last bytes.
        Path part = Download.incomplete(blob());
        long kept = Files.exists(part) ? Files.size(part) : 0;
        assertThat(kept).isLessThanOrEqualTo(count);
        assertNextTrySucceeds();
        assertThat(server.seen)
                .last()
                .extracting(LoopbackHub.Seen::range)
                .isEqualTo(kept == 0 ? null : "bytes=" + kept + "-");
    }

    @Test
    void aConnectionCutAfterTheLastByteIsNoLoss() throws IOException {
        server.storageAnswers.add(LoopbackHub.cut(server.weights(), 300_000));
        assertNextTrySucceeds();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 150_000, 299_999, 300_000, 300_001})
    void goesOnWhereAnEarlierTryStopped(int count) throws IOException {
        keepPart(count);
        assertNextTrySucceeds();
        String range = count < 300_000 ? "bytes=" + count + "-" : null;
        assertThat(server.seen).last().extracting(LoopbackHub.Seen::range).isEqualTo(range);
    }

    @Test
    void goesOnByItselfAsLongAsItGetsOn() throws IOException {
        byte[] all = server.weights();
        for (int i = 0; i < 3; i++) {
            server.storageAnswers.add(exchange -> {
                String range = exchange.getRequestHeaders().getFirst("Range");
                int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
                exchange.getResponseHeaders().set("Content-Range", "bytes %d-299999/300000".formatted(from));
                exchange.sendResponseHeaders(range == null ? 200 : 206, all.length - from);
                exchange.getResponseBody().write(all, from, 80_000);
            });
        }
        assertThat(hub(5).file(ID, LoopbackHub.WEIGHTS, Progress.NONE)).hasBinaryContent(all);
    }

    @Test
    void keepsNothingOfAWrongHash() throws IOException {
        byte[] wrong = server.weights().clone();
        wrong[150_000] ^= 1;
        server.storageAnswers.add(exchange -> LoopbackHub.send(exchange, 200, wrong));
        assertOneTryFails("hash");
        assertThat(Download.incomplete(blob())).doesNotExist();
        assertNextTrySucceeds();
    }

    @Test
    void checksSmallFilesByTheirGitHash() {
        LoopbackHub.Answer normal = server::hub;
        server.hubAnswers.add(normal);
        server.hubAnswers.add(exchange -> LoopbackHub.send(exchange, 200, "[]\n".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> hub(1).file(ID, LoopbackHub.CONFIG, Progress.NONE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("hash");
        assertThat(hub(1).file(ID, LoopbackHub.CONFIG, Progress.NONE)).hasContent("{}\n");
    }

    @Test
    void startsAgainWhereThePartOfAnEarlierTryIsWrong() throws IOException {
        Files.createDirectories(blob().getParent());
        Files.write(Download.incomplete(blob()), new byte[1000]);
        assertThat(hub(2).file(ID, LoopbackHub.WEIGHTS, Progress.NONE)).hasBinaryContent(server.weights());
    }

    @ParameterizedTest
    @ValueSource(ints = {299_999, 300_001})
    void keepsNothingOfAWrongLength(int length) throws IOException {
        byte[] wrong = Arrays.copyOf(server.weights(), length);
        server.storageAnswers.add(exchange -> LoopbackHub.send(exchange, 200, wrong));
        assertOneTryFails(length < 300_000 ? "bytes" : "length");
        assertNextTrySucceeds();
    }

    @Test
    void startsAgainWhereTheServerDoesNotKnowRanges() throws IOException {
        keepPart(1000);
        server.storageAnswers.add(exchange -> LoopbackHub.send(exchange, 200, server.weights()));
        assertNextTrySucceeds();
    }

    @ParameterizedTest
    @CsvSource({"416, ", "206, bytes 0-299999/300000", "206, bytes 1000-299999/400000", "206, nonsense"})
    void startsAgainWhereARangeIsRefusedOrAnother(int status, @Nullable String range) throws IOException {
        keepPart(1000);
        server.storageAnswers.add(exchange -> {
            if (range != null) {
                exchange.getResponseHeaders().set("Content-Range", range);
            }
            LoopbackHub.send(exchange, status, server.weights());
        });
        assertOneTryFails("status " + status);
        assertThat(Download.incomplete(blob())).doesNotExist();
        assertNextTrySucceeds();
    }

    @Test
    void doesNotJoinPartsOfTwoFiles() throws IOException {
        keepPart(1000);
        LoopbackHub.Answer normal = server::hub;
        server.hubAnswers.add(normal);
        server.hubAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + "0".repeat(64) + "\"");
            LoopbackHub.redirect(exchange, server.storageAddress() + "/" + LoopbackHub.WEIGHTS);
        });
        assertOneTryFails("changed");
        assertNextTrySucceeds();
    }

    @Test
    void unpacksWhatIsCompressedUnasked() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(server.weights());
        }
        LoopbackHub.Answer gzip = exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            LoopbackHub.send(exchange, 200, packed.toByteArray());
        };
        server.storageAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            LoopbackHub.cut(packed.toByteArray(), packed.size() / 2).give(exchange);
        });
        assertOneTryFails("bytes");
        server.storageAnswers.add(gzip);
        assertNextTrySucceeds();
    }

    @Test
    void theTokenStaysWithTheHub() {
        hub(1).file(ID, LoopbackHub.WEIGHTS, Progress.NONE);
        assertThat(server.seen).anyMatch(seen -> seen.where().equals("storage"));
        assertThat(server.seen)
                .allSatisfy(seen ->
                        assertThat(seen.token()).isEqualTo(seen.where().equals("hub") ? "Bearer secret" : null));
    }

    @Test
    void followsRelativeRedirects() throws IOException {
        server.hubAnswers.add(
                exchange -> LoopbackHub.redirect(exchange, "/org/name/resolve/main/" + LoopbackHub.WEIGHTS));
        assertNextTrySucceeds();
    }

    @Test
    void leavesARedirectLoop() throws IOException {
        for (int i = 0; i < 11; i++) {
            server.hubAnswers.add(exchange -> LoopbackHub.redirect(exchange, "/loop"));
        }
        assertOneTryFails("redirects more than 10 times");
        assertNextTrySucceeds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "http:///x", "http://[broken", "jar:file:/x!/y"})
    void refusesOtherAddresses(String location) throws IOException {
        server.hubAnswers.add(exchange -> LoopbackHub.redirect(exchange, location));
        assertOneTryFails("redirects to");
        assertNextTrySucceeds();
    }

    @Test
    void neverLeavesEncryption() {
        URI hub = URI.create("https://hub/org/name");
        assertThat(Http.target(hub, "//cdn/x")).hasToString("https://cdn/x");
        assertThatThrownBy(() -> Http.target(hub, "http://hub/x"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("https to http");
        assertThatThrownBy(() -> Http.target(hub, null)).isInstanceOf(HubException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void waitsAsLongAsTheServerAsks(int status) {
        server.hubAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            LoopbackHub.send(exchange, status, new byte[0]);
        });
        server.hubAnswers.add(exchange -> LoopbackHub.send(exchange, status, new byte[0]));
        assertThat(hub(3).file(ID, LoopbackHub.CONFIG, Progress.NONE)).hasContent("{}\n");
        assertThat(waits).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(1));
    }

    @Test
    void readsADateToWaitFor() {
        server.hubAnswers.add(exchange -> {
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(100));
            exchange.getResponseHeaders().set("Retry-After", date);
            LoopbackHub.send(exchange, 503, new byte[0]);
        });
        hub(2).file(ID, LoopbackHub.CONFIG, Progress.NONE);
        assertThat(waits)
                .singleElement()
                .satisfies(wait -> assertThat(wait).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(100)));
    }

    @Test
    void doesNotWaitForHours() throws IOException {
        server.hubAnswers.add(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7200");
            LoopbackHub.send(exchange, 429, new byte[0]);
        });
        assertThatThrownBy(() -> hub(3).file(ID, LoopbackHub.WEIGHTS, Progress.NONE))
                .hasMessageContaining("wait 7200 s");
        assertThat(waits).isEmpty();
        assertNextTrySucceeds();
    }

    @ParameterizedTest
    @CsvSource({
        "401, , HF_TOKEN",
        "401, GatedRepo, ask for access",
        "403, GatedRepo, ask for access",
        "403, , may not read",
        "404, RevisionNotFound, no revision [main]",
        "404, EntryNotFound, no file",
        "404, RepoNotFound, check the name",
        "500, , status 500"
    })
    void saysWhatToDo(int status, @Nullable String code, String what) throws IOException {
        server.hubAnswers.add(exchange -> {
            if (code != null) {
                exchange.getResponseHeaders().set("X-Error-Code", code);
            }
            LoopbackHub.send(exchange, status, new byte[0]);
        });
        assertOneTryFails(what);
        assertNextTrySucceeds();
    }

    @Test
    void leavesAServerThatDrips() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        server.storageAnswers.add(exchange -> {
            exchange.sendResponseHeaders(200, 300_000);
            exchange.getResponseBody().write(server.weights(), 0, 100_000);
            try {
                for (int i = 0; end.getCount() > 0; i++) {
                    exchange.getResponseBody().write(server.weights(), 100_000 + i, 1);
                    exchange.getResponseBody().flush();
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertOneTryFails("less than 1024 bytes came");
        end.countDown();
        assertNextTrySucceeds();
    }

    @Test
    void aServerThatIsNotThereIsNamed() {
        server.close();
        assertOneTryFails("HF_HUB_OFFLINE");
    }

    @Test
    void anInterruptStopsADownloadThatGoesOnLater() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.storageAnswers.add(exchange -> {
            exchange.sendResponseHeaders(200, 300_000);
            exchange.getResponseBody().write(server.weights(), 0, 200_000);
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        CountDownLatch most = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try {
                new Hub(server.config(cache, 5)).file(ID, LoopbackHub.WEIGHTS, (file, done, total) -> {
                    if (done == 200_000) {
                        most.countDown();
                    }
                });
            } catch (HubException e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("not interrupted", e));
            }
        });
        reader.start();
        most.await();
        reader.interrupt();
        reader.join();
        end.countDown();
        assertThat(thrown.get()).isInstanceOf(HubException.class).hasMessageContaining("cancelled");
        assertThat(blob()).doesNotExist();
        assertThat(Download.incomplete(blob())).hasSize(200_000);
        assertNextTrySucceeds();
        assertThat(server.seen).last().extracting(LoopbackHub.Seen::range).isEqualTo("bytes=200000-");
    }
}
