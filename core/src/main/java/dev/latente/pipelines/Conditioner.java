package dev.latente.pipelines;

import dev.latente.models.clip.ClipOutput;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    /** Both halves of a guided call. */
    record Halves(Conditioning positive, @Nullable Conditioning negative) {
        Halves repeat(int times) {
            return new Halves(positive.repeat(times), negative == null ? null : negative.repeat(times));
        }
    }

    Halves encode(List<Prompt> prompts, boolean guided) {
        Conditioning positive = texts(prompts, false);
        if (!guided) {
            return new Halves(positive, null);
        }
        boolean nothing = prompts.stream().allMatch(p -> p.negative() == null);
        return new Halves(positive, nothing && zeroForNothing ? positive.zero() : texts(prompts, true));
    }

    private Conditioning texts(List<Prompt> prompts, boolean negative) {
        List<Tensor> states = new ArrayList<>();
        Tensor pool = null;
        for (int i = 0; i < encoders.size(); i++) {
            boolean second = i > 0;
            TextEncoder encoder = encoders.get(i);
            List<String> texts =
                    prompts.stream().map(p -> text(p, negative, second)).toList();
            ClipOutput output = encoder.model().forward(tokens(encoder, texts), null);
            // The reference skips layers for the prompt alone.
            int skip = negative ? 0 : prompts.get(0).clipSkip();
            states.add(pooled ? output.beforeLast(1 + skip) : encoder.model().skip(output, skip));
            pool = output.textEmbeds();
        }
        return new Conditioning(
                Ops.cat(-1, states.toArray(new Tensor[0])), pooled ? Objects.requireNonNull(pool) : null);
    }

    private static String text(Prompt p, boolean negative, boolean second) {
        if (!negative) {
            return second && p.second() != null ? p.second() : p.text();
        }
        String first = p.negative() == null ? "" : p.negative();
        return second && p.secondNegative() != null ? p.secondNegative() : first;
    }

    /** texts -> ids [B,77]. */
    private Tensor tokens(TextEncoder encoder, List<String> texts) {
        int length = (int) encoder.model().config().positions();
        Tensor[] rows = texts.stream()
                .map(t -> Ops.of(encoder.tokenizer().padded(t, length).ids(), 1, length))
                .toArray(Tensor[]::new);
        return Ops.to(Ops.cat(0, rows), device);
    }
}
