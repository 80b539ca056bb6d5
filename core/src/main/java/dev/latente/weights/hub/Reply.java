package dev.latente.weights.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The last response of a chain of redirects, with what the Hub itself said on the way: the storage at the end of the chain
 * is not asked which file it is.
 *
 * @param etag the file's name among the blobs: its SHA-256, or its git SHA-1 where it is small
 * @param commit the commit that the revision means
 * @param linkedSize the length of a file that is stored elsewhere, or -1
 */
record Reply(
        HttpResponse<Body> last,
        @Nullable String etag,
        @Nullable String commit,
        long linkedSize) implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

    int status() {
        return last.statusCode();
    }

    Optional<String> header(String name) {
        return last.headers().firstValue(name);
    }

    /** The length of the file according to the response, or -1. */
    long size() {
        if (linkedSize >= 0) {
            return linkedSize;
        }
        return status() == 200 && !encoded() ? number(header("Content-Length").orElse("")) : -1;
    }

    /** Whether the body goes on where a part of that length ends, in a file of that size (-1: any). */
    boolean continuesAt(long from, long size) {
        Matcher range = RANGE.matcher(header("Content-Range").orElse(""));
        return status() == 206
                && !encoded()
                && range.matches()
                && number(range.group(1)) == from
                && (size < 0 || range.group(2).equals("*") || number(range.group(2)) == size);
    }

    /** The file's own bytes, even where the server compresses unasked. */
    InputStream content() throws IOException {
        String encoding = header("Content-Encoding").orElse("identity");
        return switch (encoding) {
            case "identity", "" -> last.body();
            case "gzip" -> new GZIPInputStream(last.body());
            default ->
                throw new IOException("the server compresses with [%s], which nobody asked for".formatted(encoding));
        };
    }

    @Override
    public void close() {
        last.body().close();
    }

    /** The digits as a number, or -1. */
    static long number(String digits) {
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }

    private boolean encoded() {
        return !header("Content-Encoding").orElse("identity").equals("identity");
    }
}
