package dev.latente.weights.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A Hub on two loopback ports, as the real one is on two hosts: the Hub itself, which has the small files, and the storage, which
 * has the weights. Each can be told to answer its next requests badly.
 */
final class LoopbackHub implements AutoCloseable {
    static final HubId ID = HubId.parse("org/name");
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String CONFIG = "unet/config.json";
    static final String WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

    /** One request as it came. */
    record Seen(
            String where,
            String method,
            String path,
            @Nullable String token,
            @Nullable String range) {}

    /** Answers one request. */
    interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    final Map<String, byte[]> files = new TreeMap<>();
    final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** What the Hub answers to its next requests, before it is its normal self again. */
    final Deque<Answer> hubAnswers = new ConcurrentLinkedDeque<>();

    /** What the storage answers to its next requests. */
    final Deque<Answer> storageAnswers = new ConcurrentLinkedDeque<>();

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer hub = server("hub", hubAnswers, this::hub);
    private final HttpServer storage = server("storage", storageAnswers, this::storage);

    LoopbackHub() {
        files.put(
                "model_index.json",
                "{\"unet\": [\"diffusers\", \"UNet2DConditionModel\"]}".getBytes(StandardCharsets.UTF_8));
        files.put(CONFIG, "{}\n".getBytes(StandardCharsets.UTF_8));
        byte[] weights = new byte[300_000];
        new Random(1).nextBytes(weights);
        files.put(WEIGHTS, weights);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    URI storageAddress() {
        return URI.create("http://127.0.0.1:" + storage.getAddress().getPort());
    }

    HubConfig config(Path cache, int attempts) {
        return new HubConfig(
                address(), cache, "secret", false, Duration.ofSeconds(5), Duration.ofMillis(400), attempts);
    }

    byte[] weights() {
        return files.getOrDefault(WEIGHTS, new byte[0]);
    }

    /** The name of the file among the blobs: SHA-256 for what is in the storage, git's SHA-1 for the others. */
    String etag(String name) {
        byte[] bytes = files.getOrDefault(name, new byte[0]);
        return isStored(name) ? hash("SHA-256", "", bytes) : hash("SHA-1", "blob " + bytes.length + "\0", bytes);
    }

    static String hash(String algorithm, String header, byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(header.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isStored(String name) {
        return name.endsWith(".safetensors");
    }

    private HttpServer server(String where, Deque<Answer> answers, Answer normal) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                try (exchange) {
                    var headers = exchange.getRequestHeaders();
                    seen.add(new Seen(
                            where,
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            headers.getFirst("Authorization"),
                            headers.getFirst("Range")));
                    Answer bad = answers.poll();
                    (bad == null ? normal : bad).give(exchange);
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void hub(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        int at = path.indexOf("/resolve/");
        if (path.startsWith("/api/models/org/name/revision/")) {
            List<Map<String, Object>> siblings = files.entrySet().stream()
                    .map(file -> Map.<String, Object>of("rfilename", file.getKey(), "size", file.getValue().length))
                    .toList();
            send(
                    exchange,
                    200,
                    Json.text(Map.of("sha", COMMIT, "siblings", siblings)).getBytes(StandardCharsets.UTF_8));
            return;
        }
        String name = at < 0 ? "" : path.substring(path.indexOf('/', at + 9) + 1);
        byte[] bytes = files.get(name);
        if (bytes == null) {
            exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
            send(exchange, 404, new byte[0]);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (isStored(name)) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + etag(name) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(bytes.length));
            redirect(exchange, storageAddress() + "/" + name);
        } else {
            exchange.getResponseHeaders().set("ETag", "\"" + etag(name) + "\"");
            send(exchange, 200, bytes);
        }
    }

    void storage(HttpExchange exchange) throws IOException {
        byte[] bytes = files.getOrDefault(exchange.getRequestURI().getPath().substring(1), new byte[0]);
        exchange.getResponseHeaders().set("ETag", "\"the-storage-has-its-own\"");
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            send(exchange, 200, bytes);
            return;
        }
        int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
        send(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
    }

    static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(302, -1);
    }

    static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Announces all of the bytes, sends the first of them, and hangs up. */
    static Answer cut(byte[] bytes, int count) {
        return exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, count);
            exchange.getResponseBody().flush();
        };
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
        threads.shutdownNow();
    }
}
