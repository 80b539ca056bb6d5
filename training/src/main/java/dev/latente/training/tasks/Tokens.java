package dev.latente.training.tasks;

import dev.latente.tensor.Ops;
import dev.latente.text.Tokenizer;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Captions as an encoder is given them. */
final class Tokens {
    private Tokens() {}

    /** Cut and padded to {@code length}, with their ends: ids [B,length] int64. */
    static Tensor ids(Tokenizer tokenizer, int length, List<String> captions) {
        long[] ids = captions.stream()
                .flatMapToLong(c -> LongStream.of(tokenizer.padded(c, length).ids()))
                .toArray();
        return Ops.of(ids, captions.size(), length);
    }
}
