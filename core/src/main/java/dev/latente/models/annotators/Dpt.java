package dev.latente.models.annotators;

import dev.latente.nn.Conv2d;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Pooling;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Depth of a picture by a dense prediction transformer (Ranftl et al. 2021; Ranftl et al. 2022, MiDaS): states of a vision
 * transformer become pictures of several resolutions, which are fused from the coarsest to the finest. Keys as in
 * transformers' {@code DPTForDepthEstimation}. Thread-safe.
 */
public final class Dpt {
    private final DptConfig config;
    private final Tensor patchWeight; // [d,3,p,p]
    private final Tensor patchBias; // [d]
    private final Tensor classToken; // [1,1,d]
    private final Tensor positions; // [1,n,d]
    private final List<Layer> layers = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<Fusion> fusions = new ArrayList<>();
    private final Conv2d head0;
    private final Conv2d head2;
    private final Conv2d head4;

    public Dpt(Params root, DptConfig config) {
        this.config = config;
        long d = config.size();
        long patch = config.patchSize();
        Params p = root.at("dpt");
        Params embeddings = p.at("embeddings");
        classToken = embeddings.get("cls_token", 1, 1, d);
        positions = embeddings.get("position_embeddings", 1, config.side() * config.side() + 1, d);
        Params projection = embeddings.at("patch_embeddings").at("projection");
        patchWeight = projection.get("weight", d, 3, patch, patch);
        patchBias = projection.get("bias", d);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new Layer(p.at("encoder").at("layer").at(i), config));
        }
        // Normalises the last state, which nobody reads.
        p.at("layernorm").ignore("weight");
        p.at("layernorm").ignore("bias");
        Params neck = root.at("neck");
        for (int i = 0; i < config.outs().size(); i++) {
            stages.add(new Stage(neck, config, i));
            fusions.add(new Fusion(neck.at("fusion_stage").at("layers").at(i), config.fusion(), i == 0));
        }
        Params head = root.at("head").at("head");
        head0 = new Conv2d(head.at(0), config.fusion(), config.fusion() / 2, 3);
        head2 = new Conv2d(head.at(2), config.fusion() / 2, 32, 3);
        head4 = new Conv2d(head.at(4), 32, 1, 1);
    }

    public DptConfig config() {
        return config;
    }

    /** pixels [B,3,imageSize,imageSize], normalised with mean and deviation 0.5 -> nearness, the more the nearer [B,H,W]. */
    public Tensor forward(Tensor pixels) {
        long side = config.imageSize();
        if (pixels.size(2) != side || pixels.size(3) != side) {
            throw new IllegalArgumentException("DPT: got pixels of shape %s, wanted [B,3,%d,%d]"
                    .formatted(Arrays.toString(Ops.shape(pixels)), side, side));
        }
        return Scopes.keep(() -> {
            Tensor patches = Functional.conv2d(pixels, patchWeight, patchBias, config.patchSize(), 0)
                    .flatten(2, 3)
                    .transpose(1, 2);
            Tensor x = Ops.cat(1, classToken.expand(pixels.size(0), 1, config.size()), patches)
                    .add(positions);
            List<Tensor> pictures = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                x = layers.get(i).forward(x);
                if (config.outs().contains(i)) {
                    pictures.add(stages.get(pictures.size()).forward(x));
                }
            }
            int last = pictures.size() - 1;
            Tensor fused = fusions.get(0).forward(null, pictures.get(last));
            for (int i = 1; i < fusions.size(); i++) {
                fused = fusions.get(i).forward(fused, pictures.get(last - i));
            }
            Tensor y = Pooling.doubled(head0.forward(fused));
            return Functional.relu(head4.forward(Functional.relu(head2.forward(y))))
                    .squeeze(1);
        });
    }

    /** A layer of the vision transformer (Dosovitskiy et al. 2021, section 3.1). */
    private static final class Layer {
        private final LayerNorm before;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear out;
        private final LayerNorm after;
        private final Linear widen;
        private final Linear narrow;
        private final DptConfig c;

        Layer(Params p, DptConfig c) {
            this.c = c;
            Params attention = p.at("attention");
            before = new LayerNorm(p.at("layernorm_before"), c.size(), c.eps());
            query = new Linear(attention.at("attention").at("query"), c.size(), c.size());
            key = new Linear(attention.at("attention").at("key"), c.size(), c.size());
            value = new Linear(attention.at("attention").at("value"), c.size(), c.size());
            out = new Linear(attention.at("output").at("dense"), c.size(), c.size());
            after = new LayerNorm(p.at("layernorm_after"), c.size(), c.eps());
            widen = new Linear(p.at("intermediate").at("dense"), c.size(), c.inner());
            narrow = new Linear(p.at("output").at("dense"), c.inner(), c.size());
        }

        /** x [B,n,d] -> [B,n,d]. */
        Tensor forward(Tensor x) {
            Tensor h = before.forward(x);
            Tensor attended = Attention.attend(
                    Attention.splitHeads(query.forward(h), c.heads()),
                    Attention.splitHeads(key.forward(h), c.heads()),
                    Attention.splitHeads(value.forward(h), c.heads()),
                    null,
                    false,
                    0);
            Tensor y = out.forward(Attention.mergeHeads(attended)).add(x);
            return narrow.forward(c.activation().apply(widen.forward(after.forward(y))))
                    .add(y);
        }
    }

    /** What makes a picture of states: the class token read, channels and resolution changed. */
    private static final class Stage {
        private final DptConfig c;
        private final @Nullable Linear readout;
        private final Conv2d projection;
        private final double factor;
        private final @Nullable Conv2d smaller;
        private final @Nullable Tensor larger; // [C,C,f,f]
        private final @Nullable Tensor largerBias; // [C]
        private final Tensor conv; // [fusion,C,3,3]

        Stage(Params neck, DptConfig c, int index) {
            this.c = c;
            Params stage = neck.at("reassemble_stage");
            Params layer = stage.at("layers").at(index);
            long channels = c.necks().get(index);
            factor = c.factors().get(index);
            readout = c.readout() == DptConfig.Readout.PROJECT
                    ? new Linear(stage.at("readout_projects").at(index).at(0), 2 * c.size(), c.size())
                    : null;
            projection = new Conv2d(layer.at("projection"), c.size(), channels, 1);
            Params resize = layer.at("resize");
            smaller = factor < 1 ? new Conv2d(resize, channels, channels, 3, Math.round(1 / factor), 1) : null;
            long f = Math.round(factor);
            larger = factor > 1 ? resize.get("weight", channels, channels, f, f) : null;
            largerBias = factor > 1 ? resize.get("bias", channels) : null;
            conv = neck.at("convs").at(index).get("weight", c.fusion(), channels, 3, 3);
        }

        /** x [B,1+h·w,d] -> [B,fusion,h·factor,w·factor]. */
        Tensor forward(Tensor x) {
            Tensor tokens = x.narrow(1, 1, x.size(1) - 1);
            Tensor first = x.narrow(1, 0, 1).expand_as(tokens);
            Tensor read = switch (c.readout()) {
                case IGNORE -> tokens;
                case ADD -> tokens.add(first);
                case PROJECT -> {
                    Tensor both = Ops.cat(2, tokens, first);
                    yield c.activation().apply(readout == null ? both : readout.forward(both));
                }
            };
            Tensor y = projection.forward(Ops.channelsLast(read.transpose(1, 2).unflatten(2, c.side(), c.side())));
            if (smaller != null) {
                y = smaller.forward(y);
            } else if (larger != null && largerBias != null) {
                y = enlarged(y, larger, largerBias);
            }
            return Functional.conv2d(y, conv, null, 1, 1);
        }

        /** A transposed convolution whose stride is its kernel's size: each position becomes f x f others. */
        private static Tensor enlarged(Tensor x, Tensor weight, Tensor bias) {
            long f = weight.size(2);
            Tensor y = x.permute(0, 2, 3, 1).matmul(weight.flatten(1, 3)); // [B,H,W,C·f·f]
            return Pooling.shuffle(y.permute(0, 3, 1, 2), f).add(bias.view(1, weight.size(1), 1, 1));
        }
    }

    /** Two pictures become one of twice the size. */
    private static final class Fusion {
        private final Conv2d projection;
        private final @Nullable Residual first;
        private final Residual second;

        /** @param coarsest whether there is nothing to fuse with yet; files have its weights all the same */
        Fusion(Params p, long channels, boolean coarsest) {
            projection = new Conv2d(p.at("projection"), channels, channels, 1);
            first = coarsest ? null : new Residual(p.at("residual_layer1"), channels);
            second = new Residual(p.at("residual_layer2"), channels);
            if (coarsest) {
                for (String conv : List.of("convolution1", "convolution2")) {
                    p.at("residual_layer1").at(conv).ignore("weight");
                    p.at("residual_layer1").at(conv).ignore("bias");
                }
            }
        }

        Tensor forward(@Nullable Tensor fused, Tensor picture) {
            Tensor x = picture;
            if (fused != null && first != null) {
                boolean same = Arrays.equals(Ops.shape(fused), Ops.shape(picture));
                x = fused.add(first.forward(
                        same ? picture : Functional.resize(picture, "bilinear", fused.size(2), fused.size(3))));
            }
            return projection.forward(Pooling.doubled(second.forward(x)));
        }
    }

    private static final class Residual {
        private final Conv2d conv1;
        private final Conv2d conv2;

        Residual(Params p, long channels) {
            conv1 = new Conv2d(p.at("convolution1"), channels, channels, 3);
            conv2 = new Conv2d(p.at("convolution2"), channels, channels, 3);
        }

        Tensor forward(Tensor x) {
            return conv2.forward(Functional.relu(conv1.forward(Functional.relu(x))))
                    .add(x);
        }
    }
}
