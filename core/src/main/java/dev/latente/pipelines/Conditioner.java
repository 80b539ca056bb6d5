package dev.latente.pipelines;

import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.PromptWeighting;
import dev.latente.profile.Phase;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.text.PromptChunk;
import dev.latente.text.PromptSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Turns prompts into what a network is conditioned with. Thread-safe.
 *
 * @param encoders of CLIP: one (SD1, SD2, the refiner, Flux.1) or two (SDXL, SD3)
 * @param context how what they read is put together
 * @param zeroForNothing whether a prompt without a negative one means zeros, and not the empty text
 */
record Conditioner(List<TextEncoder> encoders, Context context, boolean zeroForNothing, Device device) {
    Conditioner {
        encoders = List.copyOf(encoders);
    }

    /** The same with what is laid over the weights of its models. */
    Conditioner with(Models changes) {
        List<TextEncoder> changed = encoders.stream().map(e -> e.with(changes)).toList();
        return new Conditioner(changed, context.with(changes), zeroForNothing, device);
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

        /** Those for a step, counted from 1. */
        static Halves at(List<Halves> all, int step) {
            return all.stream().filter(h -> step <= h.until).findFirst().orElse(all.get(all.size() - 1));
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
                new Prompt.ForT5(where.apply(p.t5().text()), where.apply(p.t5().negative()), p.t5().tokens()),
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
        List<Conditioning> rows = new ArrayList<>();
        for (Prompt prompt : prompts) {
            List<Context.Read> read = new ArrayList<>();
            for (int i = 0; i < encoders.size(); i++) {
                List<PromptChunk> texts = new ArrayList<>(chunks(prompt, i, negative));
                while (texts.size() < chunks) {
                    texts.addAll(chunks(encoders.get(i), "", prompt.syntax()));
                }
                // The reference skips layers for the prompt alone.
                read.add(encode(encoders.get(i), texts, negative ? 0 : prompt.clipSkip()));
            }
            rows.add(context.join(prompt, negative, read));
        }
        return rows.stream().reduce(Conditioning::then).orElseThrow();
    }

    /** k chunks -> states [1,window·k,d] and the pooled vectors of the first chunk. */
    private Context.Read encode(TextEncoder encoder, List<PromptChunk> chunks, int skip) {
        ClipOutput output = encoder.model().forward(Ops.to(PromptWeighting.ids(chunks), device), null);
        Tensor states = context.beforeLast()
                ? output.beforeLast(1 + skip)
                : encoder.model().skip(output, skip);
        if (chunks.stream().anyMatch(PromptChunk::weighted)) {
            states = PromptWeighting.weightedRestoringMean(states, PromptWeighting.weights(chunks));
        }
        Tensor projected = output.textEmbeds() == null ? null : Ops.slice(output.textEmbeds(), 0, 0, 1);
        return new Context.Read(PromptWeighting.join(states), Ops.slice(output.pooled(), 0, 0, 1), projected);
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
