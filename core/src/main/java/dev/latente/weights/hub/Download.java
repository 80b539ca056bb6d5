package dev.latente.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Fetches one blob: into {@code ETAG.latente.incomplete}, on from where an earlier try stopped, and under its own name only when
 * its length and its hash are right.
 */
final class Download {
    /** A try that brings less has not got on; enough such tries in a row end the download. */
    private static final long LEAST_PROGRESS = 64 * 1024;

    private final Http http;
    private final Host host;
    private final HubConfig config;

    Download(Http http, Host host, HubConfig config) {
        this.http = http;
        this.host = host;
        this.config = config;
    }

    /**
     * A file on the Hub.
     *
     * @param uri its address at a commit, so that what it gives does not change
     * @param size its length, or -1
     */
    record Remote(HubId id, String commit, String name, URI uri, String etag, long size) {
        Remote {
            // The etag becomes a file name.
            if (!etag.matches("\\w[\\w.-]{0,127}")) {
                throw new HubException(
                        "%s: [%s] has the etag [%s], which cannot name a file".formatted(id, name, etag));
            }
            if (size < 0 && !isSha1(etag) && !isSha256(etag)) {
                throw new HubException(
                        "%s: the Hub gives neither length nor hash of [%s], so that it could not be checked"
                                .formatted(id, name));
            }
        }

        boolean isRight(Path file) throws IOException {
            if (size >= 0 && Files.size(file) != size) {
                return false;
            }
            if (isSha256(etag)) {
                return hash(file, "SHA-256", "").equals(etag);
            }
            // What git hashes: a header, then the content.
            return !isSha1(etag)
                    || hash(file, "SHA-1", "blob %d\0".formatted(Files.size(file)))
                            .equals(etag);
        }

        private static boolean isSha1(String etag) {
            return etag.matches("[0-9a-f]{40}");
        }

        private static boolean isSha256(String etag) {
            return etag.matches("[0-9a-f]{64}");
        }
    }

    static Path incomplete(Path blob) {
        return blob.resolveSibling(blob.getFileName() + ".latente.incomplete");
    }

    void run(Remote remote, Path blob, Progress progress) throws IOException {
        Files.createDirectories(blob.getParent());
        Path part = incomplete(blob);
        int failures = 0;
        while (true) {
            long before = length(part);
            try {
                transfer(remote, part, progress);
                break;
            } catch (BrokenTransfer e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw Http.cancelled(remote.id(), e);
                }
                failures = length(part) - before >= LEAST_PROGRESS ? 1 : failures + 1;
                if (failures >= config.attempts()) {
                    throw new HubException(
                            "%s: [%s] stopped at %d of %d bytes: %s; try again, it goes on from there"
                                    .formatted(remote.id(), remote.name(), length(part), remote.size(), e.getMessage()),
                            e);
                }
                http.pause(remote.id(), Duration.ofMillis(500L << Math.min(failures, 6)));
            }
        }
        try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Gets what is missing, once; the file is whole and right when this returns. */
    private void transfer(Remote remote, Path part, Progress progress) throws IOException {
        if (remote.size() >= 0 && length(part) > remote.size()) {
            Files.delete(part);
        }
        long from = length(part);
        if (from != remote.size() || from == 0) {
            try (Reply reply = http.get(remote.id(), remote.uri(), from)) {
                if (reply.etag() != null && !reply.etag().equals(remote.etag())) {
                    throw new HubException("%s: [%s] changed on the Hub while it was read: try again"
                            .formatted(remote.id(), remote.name()));
                }
                if (from > 0 && !reply.continuesAt(from, remote.size())) {
                    Files.delete(part);
                    from = 0;
                }
                if (reply.status() != 200 && !(reply.status() == 206 && from > 0)) {
                    throw new BrokenTransfer("the server answers with status " + reply.status());
                }
                copy(reply, remote, part, progress);
            }
        }
        if (remote.size() >= 0 && length(part) < remote.size()) {
            throw new BrokenTransfer("the connection was cut");
        }
        if (!remote.isRight(part)) {
            Files.delete(part);
            if (from > 0) {
                throw new BrokenTransfer("the part from an earlier try was wrong");
            }
            throw new HubException(
                    "%s: [%s] arrived with another length or hash than the Hub gives: nothing was kept; try again"
                            .formatted(remote.id(), remote.name()));
        }
        progress.update(remote.name(), length(part), length(part));
    }

    private void copy(Reply reply, Remote remote, Path part, Progress progress) throws IOException {
        long done = length(part);
        byte[] buffer = new byte[128 * 1024];
        try (InputStream in = opened(reply);
                OutputStream out = host.appending().open(part)) {
            // One byte too many is enough to know that it is another file.
            while (remote.size() < 0 || done <= remote.size()) {
                int count = read(in, buffer);
                if (count < 0) {
                    return;
                }
                write(out, buffer, count, remote, part);
                done += count;
                progress.update(remote.name(), done, remote.size());
            }
        }
    }

    private static InputStream opened(Reply reply) throws BrokenTransfer {
        try {
            return reply.content();
        } catch (IOException e) {
            throw new BrokenTransfer(e);
        }
    }

    private static int read(InputStream in, byte[] buffer) throws BrokenTransfer {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new BrokenTransfer(e);
        }
    }

    private static void write(OutputStream out, byte[] buffer, int count, Remote remote, Path part) throws IOException {
        try {
            out.write(buffer, 0, count);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw Http.cancelled(remote.id(), e);
            }
            throw new HubException(
                    "%s: [%s] cannot be written to [%s]: %s; make room and try again, it goes on from there"
                            .formatted(remote.id(), remote.name(), part.getParent(), Http.why(e)),
                    e);
        }
    }

    private static long length(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : 0;
    }

    private static String hash(Path file, String algorithm, String header) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(header.getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[128 * 1024];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java has " + algorithm, e);
        }
    }

    /** The network's fault, so that another try can help; what the disk does is none. */
    private static final class BrokenTransfer extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenTransfer(String message) {
            super(message);
        }

        BrokenTransfer(IOException cause) {
            super(Http.why(cause), cause);
        }
    }
}
