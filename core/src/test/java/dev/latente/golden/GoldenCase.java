package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One reference case: its folder, its {@code case.json} and its tensors. */
public final class GoldenCase implements AutoCloseable {
    private final Path tree;
    private final String area;
    private final Path dir;
    private final JsonNode json;
    private @Nullable TensorFile io;

    GoldenCase(Path tree, String area, Path dir) {
        this.tree = tree;
        this.area = area;
        this.dir = dir;
        this.json = Json.read(dir.resolve("case.json"));
    }

    public String name() {
        return dir.getFileName().toString();
    }

    public Path tree() {
        return tree;
    }

    public Path dir() {
        return dir;
    }

    public Path path(String relative) {
        return dir.resolve(relative);
    }

    public JsonNode json() {
        return json;
    }

    /** Opens {@code io.safetensors} on first use. */
    public TensorFile io() {
        if (io == null) {
            io = Safetensors.open(dir.resolve("io.safetensors"));
        }
        return io;
    }

    public Set<String> names() {
        return io().keys();
    }

    public boolean has(String tensor) {
        return io().keys().contains(tensor);
    }

    public Tensor tensor(String name) {
        return io().tensor(name);
    }

    public double atol() {
        return tolerance("atol");
    }

    public double rtol() {
        return tolerance("rtol");
    }

    private double tolerance(String name) {
        JsonNode below = json.path("tolerance").path(name);
        return (below.isMissingNode() ? json.path(name) : below).asDouble();
    }

    /** Compares with the stored tensor of that name at the case's tolerance. */
    public void assertClose(String name, Tensor got) {
        assertClose(name, got, tensor(name));
    }

    public void assertClose(String what, Tensor got, Tensor expected) {
        assertClose(what, got, expected, atol(), rtol());
    }

    /** |got - expected| <= atol · max(1, std(expected)) + rtol · |expected|, for every element. */
    public static void assertClose(String what, Tensor got, Tensor expected, double atol, double rtol) {
        assertArrayEquals(Ops.shape(expected), Ops.shape(got), what + ": shape");
        double[] g = Ops.doubles(got);
        double[] e = Ops.doubles(expected);
        double mean = Arrays.stream(e).average().orElse(0);
        double variance = Arrays.stream(e).map(x -> (x - mean) * (x - mean)).sum() / Math.max(1, e.length - 1);
        double floor = atol * Math.max(1, Math.sqrt(variance));
        int worst = -1;
        double excess = 0;
        for (int i = 0; i < e.length; i++) {
            double difference = Math.abs(g[i] - e[i]);
            double over = difference - floor - rtol * Math.abs(e[i]);
            boolean same = g[i] == e[i] || (Double.isNaN(g[i]) && Double.isNaN(e[i]));
            if (!same && !(over <= excess)) {
                worst = i;
                excess = over;
            }
        }
        if (worst >= 0) {
            fail("%s: largest difference at element %d: got %s, expected %s, allowed %.3g (shape %s)"
                    .formatted(
                            what,
                            worst,
                            g[worst],
                            e[worst],
                            floor + rtol * Math.abs(e[worst]),
                            Arrays.toString(Ops.shape(expected))));
        }
    }

    @Override
    public void close() {
        if (io != null) {
            io.close();
            io = null;
        }
    }

    @Override
    public String toString() {
        return area + "/" + name();
    }
}
