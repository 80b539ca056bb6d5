package dev.latente.models.unet;

import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import dev.latente.nn.TokenMerging;
import dev.latente.nn.Transformer2D;
import dev.latente.nn.TransformerBlock;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Recompute;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A residual block and, where its stage has attention, a transformer. */
final class Layer {
    private final ResnetBlock resnet;
    private final @Nullable Transformer2D attention;

    /** @param block path with {@code resnets} and {@code attentions} below it */
    Layer(Params block, UNetConfig c, UNetConfig.Stage stage, int index, long in) {
        resnet = resnet(block, c, stage, index, in);
        attention = !stage.attention()
                ? null
                : new Transformer2D(
                        block.at("attentions").at(index),
                        stage.channels(),
                        c.groups(),
                        c.linearProjection(),
                        stage.depths().get(index),
                        p -> new TransformerBlock(
                                p, stage.channels(), stage.contextSize(), stage.heads(), stage.onlyCross()));
    }

    static ResnetBlock resnet(Params block, UNetConfig c, UNetConfig.Stage stage, int index, long in) {
        Params p = block.at("resnets").at(index);
        return new ResnetBlock(p, in, stage.channels(), c.embeddings().size(), c.groups(), c.eps());
    }

    /**
     * x [B,in,H,W] -> [B,out,H,W]. Of a batch in which the same samples stand several times, with other texts, x may be the
     * samples once [B/n,in,H,W]: what comes before the first look at the text is then done once.
     */
    Tensor forward(Tensor x, Context context) {
        return Recompute.run(
                in -> forward(in.get(0), in.get(1), in.get(2), context), x, context.temb(), context.text());
    }

    /** On the way up: x [B,a,H,W] beside what the way down left [B,in-a,H,W] -> [B,out,H,W]. */
    Tensor forward(Tensor x, Tensor skip, Context context) {
        return Recompute.run(
                in -> {
                    Tensor both = Ops.cat(1, in.get(0), Ops.repeatTo(in.get(1), x.size(0)));
                    return forward(both, in.get(2), in.get(3), context);
                },
                x,
                skip,
                context.temb(),
                context.text());
    }

    private Tensor forward(Tensor x, Tensor temb, Tensor text, Context context) {
        // A call's temporaries are gigabytes at the usual sizes: they go layer by layer.
        Tensor h = Scopes.keep(() -> resnet.forward(Ops.repeatTo(x, temb.size(0)), temb));
        return attention == null
                ? Ops.repeatTo(h, text.size(0))
                : Scopes.keep(
                        () -> attention.forward(h, text, context.bias, context.beside.pictures(), context.merging));
    }

    /**
     * What every layer is told.
     *
     * @param temb sum of the embeddings [B,4C], or [1,4C] of all samples
     * @param text embeddings [B,m,d]
     * @param bias added to the scores of the attention to the text [B,1,1,m], or null
     * @param beside what adapters show
     * @param merging of tokens in the self-attention
     */
    record Context(Tensor temb, Tensor text, @Nullable Tensor bias, Beside beside, TokenMerging merging) {
        Context with(Beside shown, TokenMerging other) {
            return new Context(temb, text, bias, shown, other);
        }
    }
}
