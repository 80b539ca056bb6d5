package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Malformed safetensors files: each is refused with one line that names file and tensor, quickly and with little memory. */
class HostileFilesTest {
    /** Buffers, the parser and the exception: what a refusal may take besides four times the header. */
    private static final long CONSTANT = 512 << 10;

    static final String GOOD = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    private final Path dir;
    private final List<DynamicTest> tests = new ArrayList<>();

    HostileFilesTest(@TempDir Path dir) {
        this.dir = dir;
    }

    @TestFactory
    Stream<DynamicTest> refused() {
        lengths();
        text();
        twice();
        metadata();
        types();
        shapes();
        offsets();
        names();
        notFiles();
        assertThat(tests).hasSizeGreaterThanOrEqualTo(100);
        return tests.stream();
    }

    private void lengths() {
        for (int n = 0; n < 8; n++) {
            bytes("only " + n + " bytes", new byte[n]);
        }
        byte[] good = file("{" + GOOD + "}", 8);
        int length = good.length - 16;
        long[] wrong = {
            0,
            1,
            7,
            length - 7L,
            length - 1L,
            length + 1L,
            length + 9L,
            100_000_000,
            100_000_001,
            1L << 31,
            1L << 32,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            -1
        };
        for (long w : wrong) {
            byte[] copy = good.clone();
            ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(0, w);
            bytes("header length " + Long.toUnsignedString(w), copy);
        }
        bytes("only a length", Arrays.copyOf(good, 8));
        bytes("half a header", Arrays.copyOf(good, 30));
        bytes("no data", Arrays.copyOf(good, good.length - 8));
        bytes("data cut off", Arrays.copyOf(good, good.length - 1));
        bytes("a byte too many", Arrays.copyOf(good, good.length + 1));
        bytes("another kilobyte", Arrays.copyOf(good, good.length + 1024));
    }

    private void text() {
        for (String root :
                List.of("[]", "\"text\"", "12345678", "null", "true", "not json", "", " ", "{", "}", "[{]}")) {
            header("root " + root, root, null);
        }
        header("NaN", "{\"a\":NaN}", null);
        header("single quotes", "{'a':1}", null);
        header("comment", "{/**/" + GOOD + "}", null);
        header("trailing comma", "{" + GOOD + ",}", null);
        header("no comma", "{" + GOOD + GOOD + "}", null);
        header("unterminated name", "{\"a", null);
        header("unterminated object", "{" + GOOD, null);
        header("trailing text", "{" + GOOD + "}x", null);
        header("trailing NUL", "{" + GOOD + "}\0", null);
        header("two objects", "{" + GOOD + "}{}", null);
        header("byte order mark", "\uFEFF{" + GOOD + "}", null);
        header("control character", "{\"a\n\":1}", null);
        header("half a surrogate pair", "{\"\\ud800\":1}", null);
        header("surrogates the wrong way round", "{\"\\ude00\\ud83d\":1}", null);
        header("half a pair in the metadata", "{\"__metadata__\":{\"k\":\"\\udfff\"}," + GOOD + "}", null);
        header("unknown escape", "{\"\\x41\":1}", null);
        header("arrays 10,000 deep", "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", "a");
        String unknown = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":%s}";
        header("unknown field 10,000 deep", "{\"a\":" + unknown.formatted("{\"x\":".repeat(10_000)) + "}", "a");
        raw("overlong UTF-8", new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'});
        raw("surrogate in UTF-8", new byte[] {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'});
        raw("stray continuation byte", new byte[] {'{', '"', (byte) 0x80, '"', ':', '1', '}'});
        raw("beyond Unicode", new byte[] {'{', '"', (byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80, '"', '}'});
        raw("UTF-16", "{}".getBytes(StandardCharsets.UTF_16));
        raw("UTF-16 without mark", "{}".getBytes(StandardCharsets.UTF_16LE));
        raw("cut in a character", new byte[] {'{', '"', (byte) 0xe2, (byte) 0x82});
    }

    private void twice() {
        header("a tensor twice", "{" + GOOD + "," + GOOD + "}", "a");
        header("a tensor twice, once escaped", "{" + GOOD + "," + GOOD.replace("\"a\"", "\"\\u0061\"") + "}", "a");
        header("metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}," + GOOD + "}", null);
        header("a metadata key twice", "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," + GOOD + "}", null);
        header("dtype twice", tensor("\"F32\"", "[2]", "[0,8],\"dtype\":\"F32\""), "a");
        header("shape twice", tensor("\"F32\"", "[2]", "[0,8],\"shape\":[2]"), "a");
        header("offsets twice", tensor("\"F32\"", "[2]", "[0,8],\"data_offsets\":[0,8]"), "a");
    }

    private void metadata() {
        for (String wrong :
                List.of("[]", "\"text\"", "1", "{\"k\":1}", "{\"k\":null}", "{\"k\":{}}", "{\"k\":[\"v\"]}")) {
            header("metadata " + wrong, "{\"__metadata__\":" + wrong + "," + GOOD + "}", null);
        }
        header("metadata of 10 MB and a fault", "{\"__metadata__\":{\"k\":\"" + "x".repeat(10_000_000) + "\"},}", null);
    }

    private void types() {
        for (String wrong :
                List.of("\"F33\"", "\"f32\"", "\"\"", "\"F32 \"", "32", "null", "[\"F32\"]", "{\"F32\":null}")) {
            header("dtype " + wrong, tensor(wrong, "[2]", "[0,8]"), "a");
        }
        for (String part : List.of("dtype", "shape", "data_offsets")) {
            header("no " + part, "{" + GOOD.replace('"' + part + '"', "\"other\"") + "}", "a");
        }
        for (String wrong : List.of("null", "[]", "1", "\"F32\"", "[\"F32\",[2],[0,8]]", "{}")) {
            header("tensor " + wrong, "{\"a\":" + wrong + "}", "a");
        }
    }

    private void shapes() {
        String many = "1,".repeat(1_000_000) + "1";
        List<String> wrong = List.of(
                "[-2]",
                "[-1,-2]",
                "[2.0]",
                "[2e0]",
                "[1e400]",
                "[-0]",
                "[02]",
                "[\"2\"]",
                "[null]",
                "[[2]]",
                "2",
                "\"2\"",
                "{}",
                "null",
                "[true]",
                "[NaN]",
                "[1]",
                "[3]",
                "[]",
                "[0]",
                "[9223372036854775807]",
                "[9223372036854775808]",
                "[18446744073709551616]",
                "[4294967296,4294967296]",
                "[4294967296,4294967296,0]",
                "[2305843009213693953]",
                "[4611686018427387906]",
                "[" + "9".repeat(1000) + "]",
                "[" + "9".repeat(2000) + "]",
                "[" + many + "]");
        for (String w : wrong) {
            header("shape " + w.substring(0, Math.min(40, w.length())), tensor("\"F32\"", w, "[0,8]"), "a");
        }
        header("four-bit elements that end in a byte", tensor("\"F4\"", "[15]", "[0,8]"), "a");
        header("six-bit elements that end in a byte", tensor("\"F6_E2M3\"", "[11]", "[0,8]"), "a");
    }

    private void offsets() {
        List<String> wrong = List.of(
                "[8,0]",
                "[0,9]",
                "[0,7]",
                "[1,9]",
                "[0]",
                "[0,8,8]",
                "[]",
                "[0.0,8]",
                "[0,8.0]",
                "[\"0\",\"8\"]",
                "[-8,0]",
                "[0,null]",
                "8",
                "null",
                "\"0,8\"",
                "{\"0\":8}",
                "[9007199254740993,9007199254741001]",
                "[9223372036854775800,9223372036854775807]",
                "[18446744073709551608,18446744073709551616]",
                "[9223372036854775807,-9223372036854775801]");
        for (String w : wrong) {
            header("offsets " + w, tensor("\"F32\"", "[2]", w), "a");
        }
        two("hole at the start", "[4]", "[1,5]", "[3]", "[5,8]", "a");
        two("hole between", "[3]", "[0,3]", "[4]", "[4,8]", "b");
        two("hole at the end", "[3]", "[0,3]", "[4]", "[3,7]", null);
        two("overlap", "[4]", "[0,4]", "[5]", "[3,8]", "b");
        two("the same range", "[8]", "[0,8]", "[8]", "[0,8]", "b");
        two("one inside the other", "[8]", "[0,8]", "[2]", "[2,4]", "b");
        two("empty tensor inside another", "[8]", "[0,8]", "[0]", "[4,4]", "b");
        two("empty tensor behind the end", "[8]", "[0,8]", "[0]", "[9,9]", "b");
        two("second one behind the end", "[8]", "[0,8]", "[8]", "[8,16]", "b");
        byte[] good = file("{" + GOOD + "}", 8);
        bytes("zip archive behind it", append(good, "PK\003\004".getBytes(StandardCharsets.ISO_8859_1)));
        bytes("PDF behind it", append(good, "%PDF-1.7".getBytes(StandardCharsets.ISO_8859_1)));
        bytes("itself behind it", append(good, good));
        bytes("zip archive", "PK\003\004\024\0\0\0\b\0".getBytes(StandardCharsets.ISO_8859_1));
        bytes("pickle", "\200\002}q\0X\001\0\0\0aK\001s.".getBytes(StandardCharsets.ISO_8859_1));
    }

    private void names() {
        for (String name : List.of("", "a\\u0000b", "../../etc/passwd", "\\u202egpj.exe", "\\u001b[2J")) {
            header("bad tensor named " + name, "{\"" + name + "\":{\"dtype\":\"F33\"}}", null);
        }
        header("name of 1 MB", "{\"" + "n".repeat(1 << 20) + "\":{}}", null);
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i < 100_000; i++) {
            many.append('"').append(i).append("\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},");
        }
        header("100,000 tensors in one place", many.append(GOOD).append('}').toString(), null);
    }

    private void notFiles() {
        test("folder", () -> Files.createDirectory(dir.resolve("folder")), 0, null);
        test("nothing", () -> dir.resolve("nothing"), 0, null);
        test("name with a line break", () -> dir.resolve("a\nb"), 0, null);
        test("link to itself", () -> Files.createSymbolicLink(dir.resolve("loop"), dir.resolve("loop")), 0, null);
        test("link to nothing", () -> Files.createSymbolicLink(dir.resolve("broken"), dir.resolve("gone")), 0, null);
        test("device", () -> Path.of("/dev/zero"), 0, null);
        test("terabyte of nothing", () -> sparse(dir.resolve("sparse"), new byte[0]), 0, null);
        byte[] good = file("{" + GOOD + "}", 8);
        test("terabyte behind a good file", () -> sparse(dir.resolve("long"), good), good.length, null);
        test("pipe", () -> pipe(dir.resolve("pipe")), 0, null);
    }

    private static Path sparse(Path path, byte[] start) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(start);
            file.setLength(1L << 40);
        }
        return path;
    }

    private static Path pipe(Path path) throws IOException {
        try {
            new ProcessBuilder("mkfifo", path.toString()).start().waitFor();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return path;
    }

    private void two(
            String name, String shapeA, String offsetsA, String shapeB, String offsetsB, @Nullable String tensor) {
        String entry = "\"%s\":{\"dtype\":\"U8\",\"shape\":%s,\"data_offsets\":%s}";
        header(
                name,
                "{" + entry.formatted("a", shapeA, offsetsA) + "," + entry.formatted("b", shapeB, offsetsB) + "}",
                tensor);
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}".formatted(dtype, shape, offsets);
    }

    private void header(String name, String json, @Nullable String tensor) {
        byte[] content = file(json, 8);
        test(name, () -> Files.write(dir.resolve("x"), content), content.length, tensor);
    }

    private void raw(String name, byte[] json) {
        bytes(name, file(json, 8));
    }

    private void bytes(String name, byte[] content) {
        test(name, () -> Files.write(dir.resolve("x"), content), content.length, null);
    }

    static byte[] file(String json, int data) {
        return file(json.getBytes(StandardCharsets.UTF_8), data);
    }

    static byte[] file(byte[] json, int data) {
        return ByteBuffer.allocate(8 + json.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static byte[] append(byte[] a, byte[] b) {
        byte[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private interface Maker {
        Path make() throws IOException;
    }

    private void test(String name, Maker maker, long header, @Nullable String tensor) {
        tests.add(DynamicTest.dynamicTest(name, () -> assertRefused(maker.make(), header, tensor)));
    }

    private static void assertRefused(Path path, long header, @Nullable String tensor) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long memory = Long.MAX_VALUE;
        long nanos = Long.MAX_VALUE;
        String message = "";
        // Reading a header of megabytes takes that long by itself, sound or not: 15 ns a byte.
        double limit = Math.max(50e6, 15.0 * header);
        // The first runs of the largest headers are the compiler's: up to ten, until one is in time.
        for (int i = 0; i < 3 || (i < 10 && nanos > limit); i++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            // Processor time: the wall clock also sees what else the machine does.
            long start = thread.getCurrentThreadCpuTime();
            message = refusal(path);
            nanos = Math.min(nanos, thread.getCurrentThreadCpuTime() - start);
            memory = Math.min(memory, thread.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(message)
                .startsWith(path.toString().replace('\n', '?') + ": ")
                .hasLineCount(1)
                .hasSizeLessThan(1000)
                .doesNotContainPattern("\\p{Cntrl}");
        if (tensor != null) {
            assertThat(message).contains("tensor [" + tensor + "]");
        }
        assertThat(memory).as("bytes allocated: %s", message).isLessThan(4 * header + CONSTANT);
        assertThat((double) nanos).as("nanoseconds: %s", message).isLessThan(limit);
    }

    static String refusal(Path path) {
        try (TensorFile file = Safetensors.open(path)) {
            throw new AssertionError("accepted with tensors " + file.keys());
        } catch (WeightsException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
