package dev.latente.weights.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every relative of LoRA against its formula, written out entry by entry. */
class RelativesTest {
    private static final String CONV = "down_blocks.0.resnets.0.conv1";
    private static final String LINEAR = "mid_block.attentions.0.proj_in";
    private static final Map<String, Set<String>> MODELS =
            Map.of("unet", Set.of(CONV + ".weight", CONV + ".bias", LINEAR + ".weight"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final Arena arena = new Arena();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int seed;

    @AfterEach
    void free() {
        arena.close();
    }

    private Tensor random(long... shape) {
        seed++;
        return arena.own(() -> {
            try (Rng rng = new Rng(seed)) {
                return rng.normal(shape);
            }
        });
    }

    /** Adds a tensor of kohya's layout to the file that is to be read. */
    private Tensor add(String layer, String part, long... shape) {
        return add(layer, part, random(shape));
    }

    private Tensor add(String layer, String part, Tensor x) {
        tensors.put("lora_unet_" + layer.replace('.', '_') + "." + part, x);
        return x;
    }

    private void alpha(String layer, double alpha) {
        add(layer, "alpha", arena.own(() -> Ops.of(new double[] {alpha})));
    }

    private Map<String, Change> read() {
        Path file = folder.resolve("adapter.safetensors");
        SafetensorsWriter.of(tensors).write(file);
        WeightChanges changes = LoraFile.read(file, MODELS, arena).get("unet");
        return Objects.requireNonNull(changes).layers();
    }

    /** The changed weight, and what the formula makes of each entry. */
    private void check(String layer, Tensor weight, double scale, Formula formula) {
        Change change = Objects.requireNonNull(read().get(layer + ".weight"));
        long[] shape = Ops.shape(weight);
        change.requireFit(shape);
        Scopes.run(() -> {
            float[] got = Ops.floats(change.mergedInto(weight, scale));
            float[] before = Ops.floats(weight);
            int in = (int) (weight.numel() / shape[0]);
            for (int i = 0; i < got.length; i++) {
                assertThat((double) got[i])
                        .as("entry %d", i)
                        .isCloseTo(formula.at(before[i], i / in, i % in), within(1e-4));
            }
        });
        long[] other = Arrays.stream(shape).map(n -> n + 1).toArray();
        assertThatThrownBy(() -> change.requireFit(other)).isInstanceOf(IllegalArgumentException.class);
    }

    /** An entry of the changed weight [out, in·kh·kw]. */
    private interface Formula {
        double at(double before, int row, int column);
    }

    private static double sum(long n, IntToDoubleFunction term) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += term.applyAsDouble(i);
        }
        return sum;
    }

    private static double at(Tensor x, long... index) {
        return Scopes.within(() -> {
            Tensor y = x;
            for (long i : index) {
                y = y.select(0, i);
            }
            return y.item_double();
        });
    }

    /** Σᵢⱼ up[i,out] core[i,j,kernel] down[j,in]. */
    private static double tucker(DoubleBinaryOperator up, Tensor core, Tensor down, int row, int column) {
        int kernel = (int) (core.size(2) * core.size(3));
        int place = column % kernel;
        return sum(
                core.size(0),
                i -> up.applyAsDouble(i, row)
                        * sum(
                                core.size(1),
                                j -> at(core, i, j, place / core.size(3), place % core.size(3))
                                        * at(down, j, column / kernel)));
    }

    @Test
    void aConvolutionOfLowRank() {
        Tensor a = add(CONV, "lora_down.weight", 2, 3, 3, 3);
        Tensor b = add(CONV, "lora_up.weight", 4, 2, 1, 1);
        alpha(CONV, 0.5);
        Tensor flat = arena.own(() -> a.reshape(2, -1));
        Tensor up = arena.own(() -> b.reshape(4, 2));
        check(
                CONV,
                random(4, 3, 3, 3),
                0.7,
                (w, o, i) -> w + 0.7 * 0.5 / 2 * sum(2, r -> at(up, o, r) * at(flat, r, i)));
    }

    @Test
    void aTuckerConvolution() {
        Tensor down = add(CONV, "lora_down.weight", 2, 3, 1, 1);
        Tensor mid = add(CONV, "lora_mid.weight", 2, 2, 3, 3);
        Tensor up = add(CONV, "lora_up.weight", 4, 2, 1, 1);
        alpha(CONV, 1);
        Tensor a = arena.own(() -> down.reshape(2, 3));
        Tensor b = arena.own(() -> up.reshape(4, 2));
        check(
                CONV,
                random(4, 3, 3, 3),
                2,
                (w, o, i) -> w + 2 * 0.5 * tucker((r, out) -> at(b, (long) out, (long) r), mid, a, o, i));
    }

    @Test
    void loha() {
        Tensor a1 = add(LINEAR, "hada_w1_a", 4, 2);
        Tensor b1 = add(LINEAR, "hada_w1_b", 2, 6);
        Tensor a2 = add(LINEAR, "hada_w2_a", 4, 2);
        Tensor b2 = add(LINEAR, "hada_w2_b", 2, 6);
        alpha(LINEAR, 3);
        check(
                LINEAR,
                random(4, 6, 1, 1),
                0.5,
                (w, o, i) -> w
                        + 0.5
                                * 1.5
                                * sum(2, r -> at(a1, o, r) * at(b1, r, i))
                                * sum(2, r -> at(a2, o, r) * at(b2, r, i)));
    }

    @Test
    void lohaOfAConvolution() {
        Tensor t1 = add(CONV, "hada_t1", 2, 2, 3, 3);
        Tensor a1 = add(CONV, "hada_w1_a", 2, 4);
        Tensor b1 = add(CONV, "hada_w1_b", 2, 3);
        Tensor t2 = add(CONV, "hada_t2", 2, 2, 3, 3);
        Tensor a2 = add(CONV, "hada_w2_a", 2, 4);
        Tensor b2 = add(CONV, "hada_w2_b", 2, 3);
        check(
                CONV,
                random(4, 3, 3, 3),
                1,
                (w, o, i) -> w
                        + tucker((r, out) -> at(a1, (long) r, (long) out), t1, b1, o, i)
                                * tucker((r, out) -> at(a2, (long) r, (long) out), t2, b2, o, i));
    }

    @Test
    void lokrOfWholeMatricesHasNoAlpha() {
        Tensor c = add(LINEAR, "lokr_w1", 2, 3);
        Tensor d = add(LINEAR, "lokr_w2", 4, 2);
        alpha(LINEAR, 7);
        check(LINEAR, random(8, 6), 0.5, (w, o, i) -> w + 0.5 * at(c, o / 4, i / 2) * at(d, o % 4, i % 2));
    }

    @Test
    void lokrOfAConvolutionInFactors() {
        Tensor c = add(CONV, "lokr_w1", 2, 3);
        Tensor a = add(CONV, "lokr_w2_a", 2, 2);
        Tensor b = add(CONV, "lokr_w2_b", 2, 2 * 9);
        alpha(CONV, 1);
        check(
                CONV,
                random(4, 6, 3, 3),
                1,
                (w, o, i) -> w + 0.5 * at(c, o / 2, i / 18) * sum(2, r -> at(a, o % 2, r) * at(b, r, i % 18)));
    }

    @Test
    void lokrWithAKernel() {
        Tensor a1 = add(CONV, "lokr_w1_a", 2, 1);
        Tensor b1 = add(CONV, "lokr_w1_b", 1, 3);
        Tensor t = add(CONV, "lokr_t2", 2, 2, 3, 3);
        Tensor a2 = add(CONV, "lokr_w2_a", 2, 2);
        Tensor b2 = add(CONV, "lokr_w2_b", 2, 2);
        alpha(CONV, 2);
        check(
                CONV,
                random(4, 6, 3, 3),
                1,
                (w, o, i) -> w
                        + at(a1, o / 2, 0)
                                * at(b1, 0, i / 18)
                                * tucker((r, out) -> at(a2, (long) r, (long) out), t, b2, o % 2, i % 18));
    }

    @Test
    void doraOfOutputs() {
        Tensor a = add(LINEAR, "lora_down.weight", 2, 6);
        Tensor b = add(LINEAR, "lora_up.weight", 4, 2);
        alpha(LINEAR, 2);
        Tensor m = add(LINEAR, "dora_scale", 4, 1);
        checkDora(a, b, m, false);
    }

    @Test
    void doraOfInputs() {
        Tensor a = add(LINEAR, "lora_down.weight", 2, 6);
        Tensor b = add(LINEAR, "lora_up.weight", 4, 2);
        alpha(LINEAR, 2);
        Tensor m = add(LINEAR, "dora_scale", 1, 6);
        checkDora(a, b, m, true);
    }

    @Test
    void doraOfPeft() {
        Tensor a = random(2, 6);
        Tensor b = random(4, 2);
        Tensor m = random(4);
        tensors.put("base_model.model.unet." + LINEAR + ".lora_A.weight", a);
        tensors.put("base_model.model.unet." + LINEAR + ".lora_B.weight", b);
        tensors.put("base_model.model.unet." + LINEAR + ".lora_magnitude_vector", m);
        checkDora(a, b, m, false);
    }

    private void checkDora(Tensor a, Tensor b, Tensor m, boolean ofInputs) {
        Tensor weight = random(4, 6);
        double scale = 0.6;
        DoubleBinaryOperator moved =
                (o, i) -> at(weight, (long) o, (long) i) + scale * sum(2, r -> at(b, (long) o, r) * at(a, r, (long) i));
        Tensor lengths = arena.own(() -> m.reshape(-1));
        check(LINEAR, weight, scale, (w, o, i) -> {
            double square = ofInputs
                    ? sum(4, k -> Math.pow(moved.applyAsDouble(k, i), 2))
                    : sum(6, k -> Math.pow(moved.applyAsDouble(o, k), 2));
            return at(lengths, ofInputs ? i : o) * moved.applyAsDouble(o, i) / Math.sqrt(square);
        });
    }

    @Test
    void wholeDifferencesOfWeightAndBias() {
        Tensor d = add(CONV, "diff", 4, 3, 3, 3);
        Tensor bias = add(CONV, "diff_b", 4);
        Tensor flat = arena.own(() -> d.reshape(4, -1));
        check(CONV, random(4, 3, 3, 3), -0.5, (w, o, i) -> w - 0.5 * at(flat, o, i));
        Change change = Objects.requireNonNull(read().get(CONV + ".bias"));
        Scopes.run(() ->
                assertThat(Ops.floats(change.mergedInto(Ops.mul(bias, 0), 1))).containsExactly(Ops.floats(bias)));
    }

    @Test
    void rescaledInputsAndOutputs() {
        Tensor v = add(LINEAR, "weight", 6);
        add(LINEAR, "on_input", arena.own(() -> Ops.of(new double[] {1})));
        check(LINEAR, random(4, 6), 0.5, (w, o, i) -> w + 0.5 * w * at(v, i));
        tensors.clear();
        Tensor u = add(LINEAR, "weight", 4, 1);
        add(LINEAR, "on_input", arena.own(() -> Ops.of(new double[] {0})));
        check(LINEAR, random(4, 6), 1, (w, o, i) -> w + w * at(u, o, 0));
    }

    @Test
    void aScalarMultipliesAll() {
        Tensor a = add(LINEAR, "lora_down.weight", 1, 6);
        Tensor b = add(LINEAR, "lora_up.weight", 4, 1);
        add(LINEAR, "scalar", arena.own(() -> Ops.of(new double[] {3})));
        check(LINEAR, random(4, 6), 1, (w, o, i) -> w + 3 * at(b, o, 0) * at(a, 0, i));
    }

    @Test
    void factorsThatDoNotFitAreRefused() {
        add(LINEAR, "hada_w1_a", 4, 2);
        add(LINEAR, "hada_w1_b", 3, 6);
        add(LINEAR, "hada_w2_a", 4, 2);
        assertThatThrownBy(this::read)
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("hada_w1_a", "[4, 2]", "[3, 6]");
        add(LINEAR, "hada_w1_b", 2, 6);
        assertThatThrownBy(this::read).isInstanceOf(WeightsException.class).hasMessageContaining("[hada_w2_b]");
    }
}
