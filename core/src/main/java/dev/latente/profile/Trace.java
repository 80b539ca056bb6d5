package dev.latente.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spans in the trace event format of Chrome, which Perfetto and {@code chrome://tracing} open: complete events ({@code "ph":
 * "X"}) with times in microseconds, below the thread that they happened on.
 */
public final class Trace {
    private Trace() {}

    /**
     * Writes a file.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(Path file, List<Span> spans) {
        try {
            Files.writeString(file, text(spans));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The same as text. */
    public static String text(List<Span> spans) {
        long process = ProcessHandle.current().pid();
        List<Map<String, Object>> events = new ArrayList<>();
        events.add(metadata("process_name", process, 0, "latente"));
        spans.stream()
                .map(Span::thread)
                .distinct()
                .forEach(t -> events.add(metadata("thread_name", process, t.id(), t.name())));
        spans.forEach(span -> events.add(complete(span, process)));
        Map<String, Object> trace = new LinkedHashMap<>();
        trace.put("displayTimeUnit", "ms");
        trace.put("traceEvents", events);
        return JsonMapper.shared().writeValueAsString(trace);
    }

    private static Map<String, Object> complete(Span span, long process) {
        Map<String, Object> event =
                event(span.name(), "X", process, span.thread().id());
        event.put("cat", span.kind() == null ? "phase" : span.kind().name().toLowerCase(Locale.ROOT));
        event.put("ts", span.start() / 1e3);
        event.put("dur", span.nanos() / 1e3);
        event.put("args", span.arguments());
        return event;
    }

    private static Map<String, Object> metadata(String what, long process, long thread, String name) {
        Map<String, Object> event = event(what, "M", process, thread);
        event.put("args", Map.of("name", name));
        return event;
    }

    private static Map<String, Object> event(String name, String type, long process, long thread) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("name", name);
        event.put("ph", type);
        event.put("pid", process);
        event.put("tid", thread);
        return event;
    }
}
