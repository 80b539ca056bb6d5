package dev.latente.weights.hub;

import dev.latente.weights.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The model Hub (huggingface.co or a mirror), read through the cache that the Python library {@code huggingface_hub} uses too.
 *
 * <p>What lies in the cache under its final name is whole: length and hash were checked before it got the name. A download
 * that stops, by an interrupt of its thread (which stays set), a kill or a broken network, goes on at the next try. Threads
 * and processes may ask for the same files at once. All errors are {@link HubException}s.
 */
public final class Hub {
    /** More than any repository's list of files needs. */
    private static final int LONGEST_LISTING = 64 << 20;

    private final HubConfig config;
    private final Host host;
    private final Http http;
    private final Cache cache;

    public Hub(HubConfig config) {
        this(config, Host.REAL);
    }

    Hub(HubConfig config, Host host) {
        this.config = config;
        this.host = host;
        this.http = new Http(config, host);
        this.cache = new Cache(config.cache(), host);
    }

    /** The names and lengths of all files; from the cache where there is no network or the revision is a commit. */
    public Listing files(HubId id) {
        Optional<Listing> kept = config.offline() || id.pinned()
                ? cache.commit(id).flatMap(commit -> cache.listing(id, commit))
                : Optional.empty();
        return kept.or(() -> config.offline() ? Optional.empty() : Optional.of(listed(id)))
                .orElseThrow(() -> notCached(id, "its list of files"));
    }

    /**
     * The folder of the model at its revision, with the selected files in it.
     *
     * @param selection from all names to the needed ones, as {@link NeededFiles#of} does
     */
    public Path snapshot(HubId id, UnaryOperator<List<String>> selection, Progress progress) {
        return config.offline() ? kept(id, selection) : fetched(id, selection, progress);
    }

    /**
     * The folder of a Stable Diffusion model with what is needed to draw: the parts of {@code model_index.json}, or the one
     * checkpoint file where there is no such list.
     *
     * @param variant the preferred weights, as in {@code fp16}, or null for the plain ones
     */
    public Path checkpoint(HubId id, @Nullable String variant, Progress progress) {
        return snapshot(
                id,
                files -> {
                    if (!files.contains(NeededFiles.MODEL_INDEX)) {
                        return NeededFiles.of(files, variant);
                    }
                    Set<String> parts = NeededFiles.components(Json.read(file(id, NeededFiles.MODEL_INDEX, progress)));
                    return NeededFiles.of(files, variant, parts::contains);
                },
                progress);
    }

    /** One file of the model, inside its snapshot folder. */
    public Path file(HubId id, String name, Progress progress) {
        Listing.checkNames(id, List.of(name));
        Optional<Path> kept = config.offline() || id.pinned()
                ? cache.commit(id).map(commit -> cache.snapshot(id, commit).resolve(name))
                : Optional.empty();
        if (kept.filter(Files::isRegularFile).isPresent()) {
            return kept.get();
        }
        if (config.offline()) {
            throw notCached(id, "[" + name + "]");
        }
        Download.Remote remote = remote(id, id.revision(), name);
        Path file = cache.snapshot(id, remote.commit()).resolve(name);
        if (!Cache.has(file, remote.size())) {
            fetch(id, List.of(remote), progress);
        }
        cache.remember(id, remote.commit());
        return file;
    }

    private Path kept(HubId id, UnaryOperator<List<String>> selection) {
        String commit = cache.commit(id).orElseThrow(() -> notCached(id, "this revision"));
        Path snapshot = cache.snapshot(id, commit);
        Optional<Listing> listing = cache.listing(id, commit);
        List<String> all = listing.map(Listing::files).orElseGet(() -> Cache.files(snapshot));
        List<String> missing = selected(id, selection, all);
        missing.removeIf(name -> Files.isRegularFile(snapshot.resolve(name)));
        if (!missing.isEmpty()) {
            throw notCached(id, missing.size() + " files, among them [" + missing.get(0) + "],");
        }
        return snapshot;
    }

    private Path fetched(HubId id, UnaryOperator<List<String>> selection, Progress progress) {
        Listing listing = files(id);
        Path snapshot = cache.snapshot(id, listing.commit());
        List<String> missing = selected(id, selection, listing.files());
        missing.removeIf(
                name -> Cache.has(snapshot.resolve(name), listing.sizes().getOrDefault(name, -1L)));
        List<Download.Remote> remotes = new ArrayList<>();
        for (String name : missing) {
            remotes.add(remote(id, listing.commit(), name));
        }
        fetch(id, remotes, progress);
        // Last, so that the revision means a whole snapshot where there is no network.
        cache.remember(id, listing.commit());
        cache.remember(id, listing);
        return snapshot;
    }

    private static List<String> selected(HubId id, UnaryOperator<List<String>> selection, List<String> all) {
        List<String> names = new ArrayList<>(new LinkedHashSet<>(selection.apply(all)));
        if (names.isEmpty()) {
            throw new HubException(
                    "%s: none of its %d files is a checkpoint that can be read".formatted(id, all.size()));
        }
        return Listing.checkNames(id, names);
    }

    private void fetch(HubId id, List<Download.Remote> remotes, Progress progress) {
        Download download = new Download(http, host, config);
        try {
            requireSpace(id, remotes);
            for (Download.Remote remote : remotes) {
                Path blob = cache.blob(id, remote.etag());
                cache.locked(id, remote.etag(), () -> {
                    if (!Cache.has(blob, remote.size())) {
                        download.run(remote, blob, progress);
                    }
                    cache.link(blob, cache.snapshot(id, remote.commit()).resolve(remote.name()));
                });
            }
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw Http.cancelled(id, e);
            }
            throw new HubException(
                    "%s: the cache [%s] cannot be written (%s): make it writable, or set HF_HUB_CACHE to a folder that is"
                            .formatted(id, cache.root(), e),
                    e);
        } catch (InterruptedException e) {
            throw Http.cancelled(id, e);
        }
    }

    private void requireSpace(HubId id, List<Download.Remote> remotes) throws IOException {
        long needed = 0;
        Set<String> counted = new HashSet<>();
        for (Download.Remote remote : remotes) {
            Path blob = cache.blob(id, remote.etag());
            if (counted.add(remote.etag()) && !Cache.has(blob, remote.size())) {
                Path part = Download.incomplete(blob);
                needed += Math.max(0, remote.size() - (Files.isRegularFile(part) ? Files.size(part) : 0));
            }
        }
        if (needed > 0) {
            Files.createDirectories(cache.root());
            long free = host.freeSpace().bytes(cache.root());
            if (free < needed) {
                throw new HubException(
                        "%s: needs %d bytes, but [%s] has %d free: make room, or set HF_HUB_CACHE to another disk"
                                .formatted(id, needed, cache.root(), free));
            }
        }
    }

    private Listing listed(HubId id) {
        String path = "/api/models/%s/%s/revision/%s?blobs=true".formatted(id.org(), id.name(), encoded(id.revision()));
        try (Reply reply = http.get(id, uri(path), 0)) {
            byte[] json = reply.content().readNBytes(LONGEST_LISTING);
            return Listing.of(id, new String(json, StandardCharsets.UTF_8));
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw Http.cancelled(id, e);
            }
            throw new HubException("%s: the list of files cannot be read: %s".formatted(id, Http.why(e)), e);
        }
    }

    /** What the Hub says of a file; the address is at the commit that the revision means now. */
    private Download.Remote remote(HubId id, String revision, String name) {
        try (Reply reply = http.head(id, resolve(id, revision, name))) {
            String commit = Objects.requireNonNullElse(reply.commit(), revision);
            if (HubId.isCommit(revision) && !commit.equals(revision)) {
                throw new HubException(
                        "%s: the Hub gives [%s] from commit [%s], wanted [%s]".formatted(id, name, commit, revision));
            }
            String etag = Objects.requireNonNullElse(reply.etag(), "");
            URI uri = resolve(id, Listing.checkCommit(commit), name);
            return new Download.Remote(id, commit, name, uri, etag, reply.size());
        }
    }

    private URI resolve(HubId id, String revision, String name) {
        String path = encoded(name).replace("%2F", "/");
        return uri("/%s/%s/resolve/%s/%s".formatted(id.org(), id.name(), encoded(revision), path));
    }

    private URI uri(String path) {
        return URI.create(config.endpoint() + path);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HubException notCached(HubId id, String what) {
        return new HubException(
                "%s: %s is not in the cache [%s], and HF_HUB_OFFLINE is set: unset it once, with a network"
                        .formatted(id, what, cache.root()));
    }
}
