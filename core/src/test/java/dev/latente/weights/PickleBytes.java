package dev.latente.weights;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** An assembler for pickles, good and bad: one method for each opcode that the tests need. */
final class PickleBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A pickle of protocol 2. */
    static PickleBytes pickle() {
        return new PickleBytes().op(0x80, 2);
    }

    /** The name of a Python object, by STACK_GLOBAL. */
    static PickleBytes named(String module, String name) {
        return pickle().op(0x8c, module.length())
                .raw(module)
                .op(0x8c, name.length())
                .raw(name)
                .op(0x93);
    }

    /** A state dict of one good tensor. */
    static PickleBytes good() {
        return pickle().op('}').text("w").weight().op('s');
    }

    /** A state dict of one tensor. */
    static PickleBytes state(String key, long elements, long offset, long[] size, long... stride) {
        return pickle().op('}')
                .text("w")
                .tensor(key, elements, offset, size, stride)
                .op('s');
    }

    PickleBytes op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    PickleBytes op(char opcode) {
        return op((int) opcode);
    }

    PickleBytes raw(String latin1) {
        out.writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    PickleBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    PickleBytes int4(long value) {
        return raw(little(4).putInt((int) value).array());
    }

    PickleBytes int8(long value) {
        return raw(little(8).putLong(value).array());
    }

    PickleBytes global(String module, String name) {
        return op('c').raw(module + "\n" + name + "\n");
    }

    PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return op('X').int4(utf8.length).raw(utf8);
    }

    PickleBytes number(long value) {
        byte[] big = BigInteger.valueOf(value).toByteArray();
        op(0x8a, big.length);
        for (int i = big.length - 1; i >= 0; i--) {
            op(big[i]);
        }
        return this;
    }

    PickleBytes tuple(long... values) {
        op('(');
        for (long v : values) {
            number(v);
        }
        return op('t');
    }

    /** Calls a Python function with texts. */
    PickleBytes call(String module, String name, String... args) {
        global(module, name).op('(');
        for (String arg : args) {
            text(arg);
        }
        return op('t').op('R');
    }

    PickleBytes storage(String type, String key, long elements) {
        return op('(').text("storage")
                .global("torch", type)
                .text(key)
                .text("cpu")
                .number(elements)
                .op('t')
                .op('Q');
    }

    /** A tensor in fp32. */
    PickleBytes tensor(String key, long elements, long offset, long[] size, long... stride) {
        return global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("FloatStorage", key, elements)
                .view(offset, size, stride)
                .op('t')
                .op('R');
    }

    /** All arguments of a tensor behind its storage. */
    PickleBytes view(long offset, long[] size, long... stride) {
        return number(offset).tuple(size).tuple(stride).op(0x89).call("collections", "OrderedDict");
    }

    /** A vector over the whole of storage 0, which has four elements. */
    PickleBytes weight() {
        return tensor("0", 4, 0, new long[] {4}, 1);
    }

    byte[] stop() {
        return op('.').bytes();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private static ByteBuffer little(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
