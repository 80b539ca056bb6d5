package dev.latente.weights.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Requests to the Hub: redirects by hand, so that the token stays with the Hub, and patience where it asks for some. */
final class Http {
    private static final int REDIRECTS = 10;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Set<Integer> REDIRECT = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> LATER = Set.of(408, 429, 500, 502, 503, 504);

    private final HubConfig config;
    private final Host host;
    private final HttpClient client;

    Http(HubConfig config, Host host) {
        this.config = config;
        this.host = host;
        // One long body per connection is what HTTP/1.1 is good at; HTTP/2 would add its own flow control.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.connectTimeout())
                .build();
    }

    /** What the Hub says of a file: its headers up to where it sends us elsewhere. */
    Reply head(HubId id, URI uri) {
        return patiently("HEAD", id, uri, 0);
    }

    /** The body at the address, from a byte on; a status 416 is for the caller. */
    Reply get(HubId id, URI uri, long from) {
        return patiently("GET", id, uri, from);
    }

    private Reply patiently(String method, HubId id, URI uri, long from) {
        for (int attempt = 1; ; attempt++) {
            Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(attempt - 1, 8));
            try {
                Reply reply = follow(method, uri, from);
                boolean last = attempt >= config.attempts();
                if (!LATER.contains(reply.status()) || last) {
                    return checked(reply, id, uri);
                }
                wait = retryAfter(reply, wait);
                reply.close();
                if (wait.compareTo(LONGEST_WAIT) > 0) {
                    throw new HubException("%s: the Hub is busy (status %d) and asks to wait %d s: try again then"
                            .formatted(id, reply.status(), wait.toSeconds()));
                }
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted() || attempt >= config.attempts()) {
                    throw unreachable(id, uri, e);
                }
            } catch (InterruptedException e) {
                throw cancelled(id, e);
            }
            pause(id, wait);
        }
    }

    void pause(HubId id, Duration wait) {
        try {
            host.waiting().sleep(wait);
        } catch (InterruptedException e) {
            throw cancelled(id, e);
        }
    }

    private Reply follow(String method, URI start, long from) throws IOException, InterruptedException {
        URI uri = start;
        String etag = null;
        String commit = null;
        long size = -1;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            HttpResponse<Body> response = send(method, uri, from);
            boolean redirect = REDIRECT.contains(response.statusCode());
            if (redirect) {
                response.body().close();
            }
            URI next = redirect ? target(uri, header(response, "Location")) : uri;
            boolean leaves = method.equals("HEAD") && !isHub(next);
            if (isHub(uri)) {
                String plain = redirect && !leaves ? null : header(response, "ETag");
                etag = or(etag, or(header(response, "X-Linked-Etag"), plain));
                commit = or(commit, header(response, "X-Repo-Commit"));
                size = Math.max(size, linkedSize(response));
            }
            if (!redirect || leaves) {
                return new Reply(response, etag == null ? null : unquoted(etag), commit, size);
            }
            uri = next;
        }
        throw new HubException("[%s] redirects more than %d times: check HF_ENDPOINT".formatted(start, REDIRECTS));
    }

    private HttpResponse<Body> send(String method, URI uri, long from) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(config.connectTimeout())
                .header("User-Agent", HubConfig.USER_AGENT)
                .header("Accept-Encoding", "identity");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (config.token() != null && isHub(uri)) {
            request.header("Authorization", "Bearer " + config.token());
        }
        return client.send(request.build(), info -> new Body(config.stallTimeout()));
    }

    /** Where a redirect leads. */
    static URI target(URI from, @Nullable String location) {
        URI to;
        try {
            to = from.resolve(Objects.requireNonNullElse(location, ""));
        } catch (IllegalArgumentException e) {
            throw new HubException("[%s] redirects to [%s], which is not an address".formatted(from, location), e);
        }
        String scheme = Objects.requireNonNullElse(to.getScheme(), "").toLowerCase(Locale.ROOT);
        boolean downgrade = !scheme.equals("https") && "https".equalsIgnoreCase(from.getScheme());
        if (location == null || to.getHost() == null || !Set.of("http", "https").contains(scheme) || downgrade) {
            throw new HubException(
                    "[%s] redirects to [%s]: refused, since only http and https are followed and never from "
                                    .formatted(from, location)
                            + "https to http");
        }
        return to;
    }

    /** Whether the address has the scheme, the host and the port of the Hub: nobody else gets the token. */
    private boolean isHub(URI uri) {
        URI hub = config.endpoint();
        return hub.getScheme().equalsIgnoreCase(uri.getScheme())
                && hub.getHost().equalsIgnoreCase(uri.getHost())
                && port(hub) == port(uri);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** Seconds or a date (RFC 9110, section 10.2.3). */
    private static Duration retryAfter(Reply reply, Duration otherwise) {
        String value = reply.header("Retry-After").orElse("").strip();
        if (Reply.number(value) >= 0) {
            return Duration.ofSeconds(Math.min(Reply.number(value), Integer.MAX_VALUE));
        }
        try {
            Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration until = Duration.between(Instant.now(), then);
            return until.isNegative() ? otherwise : until;
        } catch (DateTimeParseException e) {
            return otherwise;
        }
    }

    private Reply checked(Reply reply, HubId id, URI uri) {
        int status = reply.status();
        if (status < 400 || status == 416) {
            return reply;
        }
        reply.close();
        String code = reply.header("X-Error-Code").orElse("");
        String page = config.endpoint() + "/" + id.org() + "/" + id.name();
        String set = "set HF_TOKEN to a token of " + config.endpoint() + "/settings/tokens";
        String what = code.equals("GatedRepo")
                ? "is gated: ask for access at %s, and %s of that account".formatted(page, set)
                : switch (status) {
                    case 401 ->
                        config.token() == null
                                ? "does not exist, or is not for everybody: check the name, and for a private model "
                                        + set
                                : "the token is not accepted: " + set;
                    case 403 -> "this token may not read it: " + set + " that may";
                    case 404 ->
                        switch (code) {
                            case "RevisionNotFound" ->
                                "has no revision [%s]: see %s/tree/main".formatted(id.revision(), page);
                            case "EntryNotFound" -> "has no file [%s]: see %s/tree/main".formatted(uri.getPath(), page);
                            default ->
                                "is not on %s, or is private: check the name, or %s".formatted(config.endpoint(), set);
                        };
                    default -> "the Hub answers with status %d: try again later".formatted(status);
                };
        throw new HubException("%s: %s (status %d)".formatted(id, what, status));
    }

    private HubException unreachable(HubId id, URI uri, IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return cancelled(id, e);
        }
        return new HubException(
                "%s: [%s] does not answer (%s): check the network, or set HF_HUB_OFFLINE=1 to use what is in the cache"
                        .formatted(id, uri.getHost(), why(e)),
                e);
    }

    /** What went wrong: some exceptions of the network have a name but no message. */
    static String why(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }

    static HubException cancelled(HubId id, Exception cause) {
        Thread.currentThread().interrupt();
        return new HubException("%s: cancelled; the next try goes on where this one stopped".formatted(id), cause);
    }

    private static @Nullable String header(HttpResponse<Body> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    private static long linkedSize(HttpResponse<Body> response) {
        return Reply.number(response.headers().firstValue("X-Linked-Size").orElse(""));
    }

    private static @Nullable String or(@Nullable String value, @Nullable String otherwise) {
        return value != null ? value : otherwise;
    }

    private static String unquoted(String etag) {
        return etag.replaceFirst("^W/", "").replaceAll("^\"|\"$", "");
    }
}
