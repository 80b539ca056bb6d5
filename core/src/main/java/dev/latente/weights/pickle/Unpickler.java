package dev.latente.weights.pickle;

import dev.latente.weights.pickle.Values.Dict;
import dev.latente.weights.pickle.Values.Global;
import dev.latente.weights.pickle.Values.Items;
import dev.latente.weights.pickle.Values.None;
import dev.latente.weights.pickle.Values.Opaque;
import dev.latente.weights.pickle.Values.StorageRef;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine for pickle protocols 0 to 5 (Python's {@code pickletools}) that makes inert {@link Values} and executes nothing.
 * Reads one pickle and stands at the byte behind it.
 */
final class Unpickler {
    /** A tensor takes about 40; the largest training checkpoints have some ten thousand tensors. */
    private static final int MAX_OPCODES = 2_000_000;
    /** Longer text names nothing; it is skipped, as bytes are. */
    private static final int MAX_TEXT = 1 << 20;

    private static final int MAX_INTEGER_BYTES = 256;

    private final Input in;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private final Map<String, StorageRef> storages = new LinkedHashMap<>();

    Unpickler(Input in) {
        this.in = in;
    }

    /** Every storage that the pickle has named, by key. */
    Map<String, StorageRef> storages() {
        return storages;
    }

    Object load() {
        for (int i = 0; i < MAX_OPCODES; i++) {
            int opcode = in.u1();
            if (opcode == '.') {
                return pop();
            }
            step(opcode);
        }
        throw new Malformed("has a pickle of more than [%d] opcodes".formatted(MAX_OPCODES));
    }

    private void step(int opcode) {
        switch (opcode) {
            case 0x80 -> protocol(in.u1());
            case 0x95 -> frame(in.i8());
            case '(' -> marks.add(stack.size());
            case '0' -> pop();
            case '1' -> popToMark();
            case '2' -> push(top());
            case 'p' -> memo.put(number(in.line()), top());
            case 'q' -> memo.put((long) in.u1(), top());
            case 'r' -> memo.put(in.u4(), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'g' -> recall(number(in.line()));
            case 'h' -> recall(in.u1());
            case 'j' -> recall(in.u4());
            case 'c' -> push(Globals.named(in.line(), in.line()));
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'b' -> build();
            case 'Q' -> persistent();
            case 'i', 'o', 0x81, 0x92 ->
                throw new Malformed("constructs [%s], which is not allowed".formatted(constructed(opcode)));
            default -> container(opcode);
        }
    }

    private void container(int opcode) {
        switch (opcode) {
            case ')' -> push(new Items(true, List.of()));
            case 't' -> push(new Items(true, popToMark()));
            case 0x85 -> push(new Items(true, popLast(1)));
            case 0x86 -> push(new Items(true, popLast(2)));
            case 0x87 -> push(new Items(true, popLast(3)));
            case ']', 0x8f -> push(Items.list());
            case 'l', 0x91 -> push(new Items(false, popToMark()));
            case 'a' -> append(popLast(1));
            case 'e', 0x90 -> append(popToMark());
            case '}' -> push(new Dict());
            case 'd' -> {
                List<Object> values = popToMark();
                push(new Dict());
                put(values);
            }
            case 's' -> put(popLast(2));
            case 'u' -> put(popToMark());
            default -> literal(opcode);
        }
    }

    private void literal(int opcode) {
        switch (opcode) {
            case 'N' -> push(None.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) in.i4());
            case 'K' -> push((long) in.u1());
            case 'M' -> push((long) in.u2());
            case 'I', 'L' -> push(decimal(in.line()));
            case 0x8a -> push(integer(in.u1()));
            case 0x8b -> push(integer(in.i4()));
            case 'F' -> push(real(in.line()));
            case 'G' -> push(ByteBuffer.wrap(in.bytes(8)).getDouble());
            case 'X' -> text(in.u4());
            case 0x8c -> text(in.u1());
            case 0x8d -> text(in.i8());
            case 'V' -> push(plain(in.line()));
            case 'S' -> push(quoted(in.line()));
            case 'U' -> push(new String(in.bytes(in.u1()), StandardCharsets.ISO_8859_1));
            case 'T', 'B' -> skip(in.u4());
            case 'C' -> skip(in.u1());
            case 0x8e, 0x96 -> skip(in.i8());
            default ->
                throw new Malformed(
                        "has opcode [0x%02x] at byte [%d], which is not known".formatted(opcode, in.position() - 1));
        }
    }

    // The stack

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        return popLast(1).get(0);
    }

    private Object top() {
        require(1);
        return stack.get(stack.size() - 1);
    }

    private List<Object> popLast(int count) {
        require(count);
        return cut(stack.size() - count);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw new Malformed("has no mark at byte [%d]".formatted(in.position()));
        }
        return cut(marks.remove(marks.size() - 1));
    }

    private List<Object> cut(int from) {
        List<Object> tail = stack.subList(from, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private void require(int count) {
        int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
        if (stack.size() - floor < count) {
            throw new Malformed("has too few values on the stack at byte [%d]".formatted(in.position()));
        }
    }

    private void recall(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new Malformed("recalls memo [%d], which is not set".formatted(index));
        }
        push(value);
    }

    // Containers

    private void append(List<Object> values) {
        if (!(top() instanceof Items items && !items.tuple)) {
            throw new Malformed("appends to a [%s]".formatted(Values.kind(top())));
        }
        items.values.addAll(values);
    }

    private void put(List<Object> values) {
        if (!(top() instanceof Dict dict) || values.size() % 2 != 0) {
            throw new Malformed("sets [%d] keys and values of a [%s]".formatted(values.size(), Values.kind(top())));
        }
        for (int i = 0; i < values.size(); i += 2) {
            dict.entries.put(values.get(i), values.get(i + 1));
        }
    }

    // Objects

    private void stackGlobal() {
        List<Object> names = popLast(2);
        if (!(names.get(0) instanceof String module && names.get(1) instanceof String name)) {
            throw new Malformed("names a global by something that is no text");
        }
        push(Globals.named(module, name));
    }

    private void reduce() {
        List<Object> call = popLast(2);
        if (!(call.get(1) instanceof Items args && args.tuple)) {
            throw new Malformed("calls with a [%s], wanted a tuple".formatted(Values.kind(call.get(1))));
        }
        push(Globals.call(call.get(0), args.values));
    }

    /** The state of a state dict is its version numbers, that of a numpy value its data: neither is used. */
    private void build() {
        pop();
        if (!(top() instanceof Dict || top() instanceof Opaque)) {
            throw new Malformed("builds [%s], which is not allowed".formatted(Values.kind(top())));
        }
    }

    private void persistent() {
        StorageRef storage = Globals.storage(pop());
        StorageRef before = storages.putIfAbsent(storage.key(), storage);
        if (before != null && !before.equals(storage)) {
            throw new Malformed("describes storage [%s] in two ways".formatted(storage.key()));
        }
        push(storage);
    }

    private String constructed(int opcode) {
        if (opcode == 'i') {
            return new Global(in.line(), in.line()).toString();
        }
        return stack.stream()
                .filter(Global.class::isInstance)
                .reduce((a, b) -> b)
                .map(Object::toString)
                .orElse("an object");
    }

    // Literals

    private void protocol(int version) {
        if (version > 5) {
            throw new Malformed("is a pickle of protocol [%d], wanted 0 to 5".formatted(version));
        }
    }

    private void frame(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new Malformed("has a frame of [%s] bytes but only [%d] remain"
                    .formatted(Long.toUnsignedString(length), in.remaining()));
        }
    }

    private void text(long length) {
        if (length > MAX_TEXT) {
            skip(length);
        } else {
            push(in.utf8(length));
        }
    }

    private void skip(long length) {
        in.skip(length);
        push(new Opaque("bytes"));
    }

    private Object integer(int length) {
        if (length < 0 || length > MAX_INTEGER_BYTES) {
            throw new Malformed("has an integer of [%d] bytes".formatted(length));
        }
        byte[] bytes = new byte[length];
        for (int i = length - 1; i >= 0; i--) {
            bytes[i] = (byte) in.u1();
        }
        return length == 0 ? 0L : narrow(new BigInteger(bytes));
    }

    private static Object decimal(String line) {
        return switch (line) {
            case "00" -> false;
            case "01" -> true;
            default -> {
                String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
                if (!digits.matches("[+-]?[0-9]{1,%d}".formatted(MAX_INTEGER_BYTES))) {
                    throw new Malformed("has [%s], wanted an integer".formatted(line));
                }
                yield narrow(new BigInteger(digits));
            }
        };
    }

    private static long number(String line) {
        if (decimal(line) instanceof Long index && index >= 0) {
            return index;
        }
        throw new Malformed("has memo index [%s]".formatted(line));
    }

    private static double real(String line) {
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw new Malformed("has [%s], wanted a number".formatted(line));
        }
    }

    private static Object narrow(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private static String quoted(String line) {
        int last = line.length() - 1;
        char quote = line.isEmpty() ? 0 : line.charAt(0);
        if (last < 1 || (quote != '\'' && quote != '"') || line.charAt(last) != quote) {
            throw new Malformed("has text without quotes");
        }
        return plain(line.substring(1, last));
    }

    private static String plain(String line) {
        if (line.indexOf('\\') >= 0) {
            throw new Malformed("has escaped text of protocol 0, which torch does not write");
        }
        return line;
    }
}
