package dev.latente.weights;

import static dev.latente.weights.PickleBytes.good;
import static dev.latente.weights.PickleBytes.pickle;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Archives and other files that are not what they say. */
class HostileContainerTest {
    private static final String MAGIC = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";

    private HostileFiles files;

    @BeforeEach
    void open(@TempDir Path folder) {
        files = new HostileFiles(folder);
    }

    @TestFactory
    Stream<DynamicTest> zipTricks() {
        files.zip(
                "two-pickles.pt",
                z -> z.add("archive/data.pkl", files.reduce("os", "system").stop()));
        files.zip(
                "two-roots.pt",
                z -> z.add("other/data.pkl", files.reduce("os", "system").stop()));
        files.zip("two-storages.pt", z -> z.add("archive/data/0", new byte[16]));
        files.zip("checksum.pt", z -> z.entry(0).crc ^= 1);
        files.zip("checksum-both.pt", z -> z.entry(0).crc = z.entry(0).localCrc = 7);
        files.zip("local-checksum.pt", z -> z.entry(2).localCrc ^= 1);
        for (int bit : new int[] {0, 5, 6, 13}) {
            files.zip("flag-%d.pt".formatted(bit), z -> z.entry(0).flags = 1 << bit);
        }
        files.zip("local-flag.pt", z -> z.entry(0).localFlags = 1);
        files.zip("deflated.pt", z -> z.entry(0).method = 8);
        files.zip("method-99.pt", z -> z.entry(2).method = 99);
        files.zip("size-larger.pt", z -> z.entry(2).size = z.entry(2).localSize = 1 << 20);
        files.zip("size-smaller.pt", z -> z.entry(2).size = z.entry(2).localSize = 4);
        files.zip("size-4gb.pt", z -> z.entry(2).size = 0xffff_fffeL);
        files.zip("size-in-zip64-missing.pt", z -> z.entry(2).size = 0xffff_ffffL);
        files.zip("size-in-zip64-huge.pt", z -> wide(z.entry(2), Long.MAX_VALUE));
        files.zip("size-in-zip64-negative.pt", z -> wide(z.entry(2), -1));
        files.zip("extra-beyond.pt", z -> z.entry(2).extra = new byte[] {1, 0, 100, 0});
        files.zip("local-size.pt", z -> z.entry(2).localSize = 8);
        files.zip("local-name.pt", z -> z.entry(2).localName = "archive/data/1");
        for (String name : new String[] {
            "../archive/data/1",
            "../data.pkl",
            "./version",
            "/data/1",
            "data/1",
            "archive\\data/1",
            "archive/data/../1",
            "archive/data/1x",
            "archive/data/",
            "archive/code/run.py",
            "archive/constants.pkl",
            "archive/data.pkl\0",
            ""
        }) {
            files.zip("name-%d.pt".formatted(files.size()), z -> z.add(name, new byte[4]));
        }
        files.zip("prefix.pt", z -> z.prefix = latin1("#!/bin/sh\n"));
        files.zip(
                "prefix-is-pickle.pt",
                z -> z.prefix = files.reduce("os", "system").stop());
        files.zip("suffix.pt", z -> z.suffix = files.reduce("os", "system").stop());
        files.zip("comment.pt", z -> z.comment = "a comment");
        files.zip(
                "gap.pt", z -> z.entry(1).behind = files.reduce("os", "system").stop());
        files.zip("gap-before-directory.pt", z -> z.entry(3).behind = new byte[1]);
        files.zip("gap-before-end.pt", z -> z.beforeEnd = new byte[30]);
        files.zip("overlap.pt", z -> z.entry(2).shift = -51);
        files.zip("header-beyond.pt", z -> z.entry(2).shift = 1 << 20);
        files.zip("header-between.pt", z -> z.entry(2).shift = 3);
        files.zip("count-more.pt", z -> z.countError = 1);
        files.zip("count-less.pt", z -> z.countError = -1);
        files.zip("directory-later.pt", z -> z.offsetError = 4);
        files.zip("directory-beyond.pt", z -> z.offsetError = 1 << 24);
        files.zip("zip64-count.pt", z -> wide(z).wideCountError = 1);
        files.zip("zip64-count-huge.pt", z -> wide(z).wideCountError = Long.MAX_VALUE - 9);
        files.zip("zip64-offset.pt", z -> wide(z).wideOffsetError = 1);
        files.zip("zip64-offset-negative.pt", z -> wide(z).wideOffsetError = Long.MIN_VALUE);
        files.zip("zip64-locator.pt", z -> wide(z).locatorError = -1);
        files.zip("zip64-locator-beyond.pt", z -> wide(z).locatorError = Long.MAX_VALUE / 2);
        files.zip("zip64-contradicts.pt", z -> wide(z).countError = 1);
        files.zip("big-endian.pt", z -> z.entries.set(1, new ZipBytes.Entry("archive/byteorder", latin1("big"))));
        files.zip("no-pickle.pt", z -> z.entries.remove(0));
        files.zip("no-records.pt", z -> z.entries.clear());
        files.zip(
                "zip-in-zip.pt",
                z -> z.entries.set(
                        0,
                        new ZipBytes.Entry(
                                "archive/data.pkl",
                                ZipBytes.checkpoint(good().stop()).bytes())));
        byte[] whole = ZipBytes.checkpoint(good().stop()).bytes();
        for (int cut : new int[] {1, 22, 100, 200, 300, whole.length - 30}) {
            files.file("cut-%d.pt".formatted(cut), Arrays.copyOf(whole, whole.length - cut));
        }
        return files.rejections(60);
    }

    @TestFactory
    Stream<DynamicTest> legacy() {
        byte[] start = latin1(MAGIC);
        byte[] protocol = pickle().number(1001).stop();
        byte[] machine = pickle().op('}').stop();
        byte[] weights = good().stop();
        byte[] keys = pickle().op(']').text("0").op('a').stop();
        byte[] floats = new PickleBytes().int8(4).int8(0).int8(0).bytes();
        files.file(
                "code-as-machine.pt",
                join(start, protocol, files.reduce("os", "system").stop(), weights, keys, floats));
        files.file(
                "code-as-object.pt",
                join(start, protocol, machine, files.reduce("os", "system").stop(), keys, floats));
        files.file(
                "code-as-keys.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        files.reduce("os", "system").stop(),
                        floats));
        files.file(
                "code-as-protocol.pt",
                join(start, files.reduce("os", "system").stop(), machine, weights, keys, floats));
        files.file(
                "code-behind.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        keys,
                        floats,
                        files.reduce("os", "system").stop()));
        files.file("magic-only.pt", start);
        files.file("protocol-1002.pt", join(start, pickle().number(1002).stop(), machine, weights, keys, floats));
        byte[] big = pickle().op('}').text("little_endian").op(0x89).op('s').stop();
        files.file("big-endian.pt", join(start, protocol, big, weights, keys, floats));
        files.file(
                "keys-missing.pt",
                join(start, protocol, machine, weights, pickle().op(']').stop()));
        files.file(
                "keys-unknown.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        pickle().op(']').text("9").op('a').stop(),
                        floats));
        files.file(
                "keys-no-list.pt",
                join(start, protocol, machine, weights, pickle().op('N').stop(), floats));
        byte[] twice = pickle().op(']').text("0").op('a').text("0").op('a').stop();
        files.file("keys-twice.pt", join(start, protocol, machine, weights, twice, floats, floats));
        files.file(
                "length-lies.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        keys,
                        new PickleBytes().int8(5).raw(new byte[20]).bytes()));
        files.file(
                "length-negative.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        keys,
                        new PickleBytes().int8(-4).raw(new byte[16]).bytes()));
        files.file(
                "cut-off.pt",
                join(
                        start,
                        protocol,
                        machine,
                        weights,
                        keys,
                        new PickleBytes().int8(4).int8(0).bytes()));
        return files.rejections(15);
    }

    @TestFactory
    Stream<DynamicTest> disguises() {
        files.file("page.ckpt", "<html><body>404</body></html>");
        files.file("pointer.ckpt", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n");
        files.file("picture.ckpt", "\u0089PNG\r\n\u001a\n" + "\0".repeat(64));
        files.file("squeezed.ckpt", "\u001f\u008b\b" + "\0".repeat(64));
        files.file("tensors.ckpt", "\u0002\0\0\0\0\0\0\0{}");
        files.file("quantised.ckpt", "GGUF\u0003\0\0\0" + "\0".repeat(64));
        files.file("program.ckpt", "\u007fELF" + "\0".repeat(64));
        files.file("script.ckpt", "import os\nos.system('" + files.touch() + "')\n");
        files.file("config.ckpt", "{\"a\": 1}");
        files.file("tape.ckpt", "\0".repeat(257) + "ustar" + "\0".repeat(250));
        files.file("seven.ckpt", "7z\u00bc\u00af'\u001c" + "\0".repeat(64));
        files.file("zeros.ckpt", "\0".repeat(4096));
        files.file("empty.ckpt", "");
        files.file("byte.ckpt", "P");
        files.file("bare.ckpt", files.reduce("os", "system").stop());
        files.file("bare-protocol-0.ckpt", "cos\nsystem\n(Vtouch\ntR.");
        files.file("bare.safetensors", files.reduce("os", "system").stop());
        files.file("zip.safetensors", files.reduce("os", "system"));
        files.file("zip.png", files.reduce("os", "system"));
        return files.rejections(19);
    }

    private static ZipBytes wide(ZipBytes zip) {
        zip.wide = true;
        return zip;
    }

    private static void wide(ZipBytes.Entry entry, long size) {
        entry.size = 0xffff_ffffL;
        entry.extra = new PickleBytes().op(1, 0, 16, 0).int8(size).int8(size).bytes();
    }

    private static byte[] join(byte[]... parts) {
        PickleBytes all = new PickleBytes();
        for (byte[] part : parts) {
            all.raw(part);
        }
        return all.bytes();
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
