package dev.latente.nn;

import dev.latente.tensor.Attention;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention of one sequence over another or over itself (Vaswani et al. 2017, section 3.2.2), without biases on
 * the way in. Keys: {@code to_q}, {@code to_k}, {@code to_v}, {@code to_out.0}.
 */
public final class CrossAttention {
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;
    private final long heads;

    /**
     * @param size of the sequence that asks
     * @param contextSize of the sequence that answers
     * @param heads a divisor of size
     */
    public CrossAttention(Params p, long size, long contextSize, long heads) {
        this(p, size, contextSize, heads, false);
    }

    private CrossAttention(Params p, long size, long contextSize, long heads, boolean biased) {
        toQ = new Linear(p.at("to_q"), size, size, biased);
        toK = new Linear(p.at("to_k"), contextSize, size, biased);
        toV = new Linear(p.at("to_v"), contextSize, size, biased);
        toOut = new Linear(p.at("to_out").at(0), size, size);
        this.heads = heads;
    }

    /** One that has biases on the way in, too. */
    public static CrossAttention biased(Params p, long size, long contextSize, long heads) {
        return new CrossAttention(p, size, contextSize, heads, true);
    }

    /**
     * x [B,n,size], context [B,m,contextSize] -> y plus what x learns from the context [B,n,size].
     *
     * @param bias added to the scores, broadcast to [B,heads,n,m], or null
     */
    public Tensor plus(Tensor x, Tensor context, @Nullable Tensor bias, Tensor y) {
        return plus(x, context, bias, List.of(), y);
    }

    /** As {@link #plus(Tensor, Tensor, Tensor, Tensor)}, and what x learns from pictures, which it asks the same. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same sequence, not an equal one
    Tensor plus(Tensor x, Tensor context, @Nullable Tensor bias, List<ImageContext.Answers> pictures, Tensor y) {
        Tensor out; // [B,h,n,d]
        if (x == context) {
            List<Tensor> qkv = Linear.each(x, toQ, toK, toV);
            out = Attention.attend(split(qkv.get(0)), split(qkv.get(1)), split(qkv.get(2)), bias, false, 0);
        } else {
            List<Tensor> kv = Linear.each(context, toK, toV);
            Tensor q = split(toQ.forward(x));
            out = Attention.attendAcross(q, split(kv.get(0)), split(kv.get(1)), bias, 0);
            for (ImageContext.Answers picture : pictures) {
                out = out.add(Attention.attendAcross(q, split(picture.keys()), split(picture.values()), null, 0));
            }
        }
        return toOut.plus(out.transpose(1, 2).reshape(x.size(0), x.size(1), x.size(2)), y);
    }

    /** [B,n,h·d] -> [B,h,n,d]. */
    private Tensor split(Tensor x) {
        return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }
}
