package dev.latente.weights.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the Hub and its cache are, from the same environment variables as {@code huggingface_hub}.
 *
 * @param endpoint the Hub, or a mirror of it
 * @param cache the folder of the {@code models--org--name} folders
 * @param token sent to the endpoint and to nobody else
 * @param offline whether only the cache is used
 * @param connectTimeout for connecting and for the first bytes of an answer
 * @param stallTimeout for a body that brings less than a kibibyte in that time
 * @param attempts how often a request, and a download that does not get on, is tried
 */
public record HubConfig(
        URI endpoint,
        Path cache,
        @Nullable String token,
        boolean offline,
        Duration connectTimeout,
        Duration stallTimeout,
        int attempts) {
    static final String USER_AGENT = "latente; java/" + Runtime.version().feature();
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    public HubConfig {
        boolean http = "https".equals(endpoint.getScheme()) || "http".equals(endpoint.getScheme());
        if (!http || endpoint.getHost() == null || endpoint.getQuery() != null) {
            throw new HubException(
                    "the Hub's address [%s] cannot be used: set HF_ENDPOINT to one like https://huggingface.co"
                            .formatted(endpoint));
        }
        if (token != null && !token.matches("[\\x21-\\x7e]+")) {
            throw new HubException("the Hub token has characters that no token has: check HF_TOKEN or the token file");
        }
        if (attempts < 1) {
            throw new HubException("attempts [%d] must be at least 1".formatted(attempts));
        }
        cache = cache.toAbsolutePath().normalize();
    }

    /** From the environment of this process. */
    public static HubConfig fromEnvironment() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_TOKEN, HF_TOKEN_PATH and HF_HUB_OFFLINE; the home is the user's. */
    public static HubConfig of(Map<String, String> environment, Path home) {
        Path caches = path(environment, "XDG_CACHE_HOME", home, home.resolve(".cache"));
        Path hfHome = path(environment, "HF_HOME", home, caches.resolve("huggingface"));
        Path legacy = path(environment, "HUGGINGFACE_HUB_CACHE", home, hfHome.resolve("hub"));
        Path tokenFile = path(environment, "HF_TOKEN_PATH", home, hfHome.resolve("token"));
        return new HubConfig(
                endpoint(environment.getOrDefault("HF_ENDPOINT", "")),
                path(environment, "HF_HUB_CACHE", home, legacy),
                token(environment, tokenFile),
                TRUE.contains(environment.getOrDefault("HF_HUB_OFFLINE", "").toUpperCase(Locale.ROOT)),
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                5);
    }

    /** The same with the cache in another place. */
    public HubConfig withCache(Path other) {
        return new HubConfig(endpoint, other, token, offline, connectTimeout, stallTimeout, attempts);
    }

    /** The same with or without a network. */
    public HubConfig withOffline(boolean value) {
        return new HubConfig(endpoint, cache, token, value, connectTimeout, stallTimeout, attempts);
    }

    private static URI endpoint(String text) {
        String address =
                text.isBlank() ? "https://huggingface.co" : text.strip().replaceAll("/+$", "");
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new HubException("HF_ENDPOINT [%s] is not an address: %s".formatted(address, e.getMessage()), e);
        }
    }

    private static Path path(Map<String, String> environment, String name, Path home, Path otherwise) {
        String value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            return otherwise;
        }
        return value.equals("~") || value.startsWith("~/")
                ? home.resolve(value.substring(1).replaceAll("^/+", ""))
                : Path.of(value);
    }

    private static @Nullable String token(Map<String, String> environment, Path file) {
        String value = environment.getOrDefault("HF_TOKEN", environment.getOrDefault("HUGGING_FACE_HUB_TOKEN", ""));
        try {
            String found = value.isBlank() && Files.isRegularFile(file) ? Files.readString(file) : value;
            return found.isBlank() ? null : found.strip();
        } catch (IOException e) {
            throw new HubException("the token file [%s] cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HubConfig[endpoint=%s, cache=%s, token=%s, offline=%s]"
                .formatted(endpoint, cache, token == null ? "none" : "set", offline);
    }
}
