package dev.latente.pipelines;

import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.clip.PromptWeighting;
import dev.latente.profile.Phase;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.text.PromptChunk;
import dev.latente.text.PromptSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Turns prompts into what the U-Net is conditioned with. Thread-safe.
 *
 * @param encoders one (SD1, SD2, the refiner) or two (SDXL), whose states are laid side by side
 * @param pooled whether the model wants the pooled vector, and with it the states before the last layer (SDXL)
 * @param zeroForNothing whether a prompt without a negative one means zeros, and not the empty text
 */
record Conditioner(List<TextEncoder> encoders, boolean pooled, boolean zeroForNothing, Device device) {
    Conditioner {
        encoders = List.copyOf(encoders);
    }

    /** The same with other models for its encoders, in their order. */
    Conditioner withModels(List<ClipTextModel> models) {
        List<TextEncoder> others = new ArrayList<>();
        for (TextEncoder encoder : encoders) {
            others.add(new TextEncoder(encoder.tokenizer(), models.get(others.size())));
        }
        return new Conditioner(others, pooled, zeroForNothing, device);
    }

    /**
     * Both halves of a guided call, for a part of the run.
     *
     * @param until the last step that they are for, counted from 1
     */
    record Halves(
            int until, Conditioning positive, @Nullable Conditioning negative) {
        Halves repeat(int times) {
            return new Halves(until, positive.repeat(times), negative == null ? null : negative.repeat(times));
        }
    }

    /** One entry, or as many as the prompts change during a run of that many steps. */
    List<Halves> encode(List<Prompt> prompts, boolean guided, int steps) {
        SortedSet<Integer> ends = new TreeSet<>();
        for (Prompt p : prompts) {
            map(p, text -> {
                PromptSchedule.parse(text, steps).forEach(entry -> ends.add(entry.until()));
                return text;
            });
        }
        ends.add(steps);
        return ends.stream()
                .map(until ->
                        halves(prompts.stream().map(p -> at(p, until, steps)).toList(), guided, until))
                .toList();
    }

    /** The prompt as it reads at a step. */
    private static Prompt at(Prompt prompt, int step, int steps) {
        return map(
                prompt,
                text -> PromptSchedule.parse(text, steps).stream()
                        .filter(entry -> step <= entry.until())
                        .findFirst()
                        .orElseThrow()
                        .prompt());
    }

    private static Prompt map(Prompt p, UnaryOperator<String> change) {
        if (p.syntax() == Prompt.Syntax.PLAIN) {
            return p;
        }
        UnaryOperator<@Nullable String> where = text -> text == null ? null : change.apply(text);
        return new Prompt(
                change.apply(p.text()),
                where.apply(p.negative()),
                where.apply(p.second()),
                where.apply(p.secondNegative()),
                p.clipSkip(),
                p.syntax());
    }

    private Halves halves(List<Prompt> prompts, boolean guided, int until) {
        int chunks = 1;
        for (boolean negative : new boolean[] {false, true}) {
            for (int i = 0; i < encoders.size(); i++) {
                for (Prompt p : prompts) {
                    chunks = Math.max(chunks, chunks(p, i, negative).size());
                }
            }
        }
        Conditioning positive = batch(prompts, false, chunks);
        if (!guided) {
            return new Halves(until, positive, null);
        }
        boolean nothing = prompts.stream().allMatch(p -> p.negative() == null);
        return new Halves(until, positive, nothing && zeroForNothing ? positive.zero() : batch(prompts, true, chunks));
    }

    /** B prompts, filled up with empty chunks to equal length -> states [B,window·chunks,d]. */
    private Conditioning batch(List<Prompt> prompts, boolean negative, int chunks) {
        List<Tensor> rows = new ArrayList<>();
        List<Tensor> pools = new ArrayList<>();
        for (Prompt prompt : prompts) {
            List<Tensor> states = new ArrayList<>();
            Tensor pool = null;
            for (int i = 0; i < encoders.size(); i++) {
                List<PromptChunk> texts = new ArrayList<>(chunks(prompt, i, negative));
                while (texts.size() < chunks) {
                    texts.addAll(chunks(encoders.get(i), "", prompt.syntax()));
                }
                // The reference skips layers for the prompt alone.
                Encoded encoded = encode(encoders.get(i), texts, negative ? 0 : prompt.clipSkip());
                states.add(encoded.states);
                pool = encoded.pool;
            }
            rows.add(Ops.cat(-1, states.toArray(new Tensor[0])));
            pools.add(Objects.requireNonNullElse(pool, rows.get(0)));
        }
        return new Conditioning(
                Ops.cat(0, rows.toArray(new Tensor[0])), pooled ? Ops.cat(0, pools.toArray(new Tensor[0])) : null);
    }

    private record Encoded(Tensor states, @Nullable Tensor pool) {}

    /** k chunks -> states [1,window·k,d] and the pooled vector of the first chunk [1,p]. */
    private Encoded encode(TextEncoder encoder, List<PromptChunk> chunks, int skip) {
        ClipOutput output = encoder.model().forward(Ops.to(PromptWeighting.ids(chunks), device), null);
        Tensor states = pooled ? output.beforeLast(1 + skip) : encoder.model().skip(output, skip);
        if (chunks.stream().anyMatch(PromptChunk::weighted)) {
            states = PromptWeighting.weightedRestoringMean(states, PromptWeighting.weights(chunks));
        }
        Tensor pool = output.textEmbeds() == null ? null : Ops.slice(output.textEmbeds(), 0, 0, 1);
        return new Encoded(PromptWeighting.join(states), pool);
    }

    private List<PromptChunk> chunks(Prompt p, int index, boolean negative) {
        return chunks(encoders.get(index), text(p, negative, index > 0), p.syntax());
    }

    private static List<PromptChunk> chunks(TextEncoder encoder, String text, Prompt.Syntax syntax) {
        return new Phase.Tokenize(text)
                .run(() -> syntax == Prompt.Syntax.PLAIN
                        ? List.of(PromptChunk.plain(encoder.tokenizer(), text, encoder.window()))
                        : PromptChunk.of(encoder.tokenizer(), text, encoder.window()));
    }

    private static String text(Prompt p, boolean negative, boolean second) {
        if (!negative) {
            return second && p.second() != null ? p.second() : p.text();
        }
        String first = p.negative() == null ? "" : p.negative();
        return second && p.secondNegative() != null ? p.secondNegative() : first;
    }
}
