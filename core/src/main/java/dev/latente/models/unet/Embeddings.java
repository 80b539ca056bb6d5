package dev.latente.models.unet;

import static dev.latente.models.unet.UNetConfig.ClassLabels.PROJECTION;
import static dev.latente.nn.TimestepEmbedding.sinusoids;

import dev.latente.nn.Embedding;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.TimestepEmbedding;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The sum of what every residual block is told: the timestep, and guidance scale, class, sizes where the model has them. */
final class Embeddings {
    private final UNetConfig.Embeddings config;
    private final TimestepEmbedding time;
    private final @Nullable Linear timeCond;
    private final @Nullable Embedding classTable;
    private final @Nullable TimestepEmbedding classes;
    private final @Nullable TimestepEmbedding addition;

    Embeddings(Params p, UNetConfig.Embeddings c) {
        config = c;
        time = new TimestepEmbedding(p.at("time_embedding"), c.timeSize(), c.size());
        timeCond = c.condSize() == 0
                ? null
                : new Linear(p.at("time_embedding").at("cond_proj"), c.condSize(), c.timeSize(), false);
        Params classPath = p.at("class_embedding");
        classTable = c.classLabels() == UNetConfig.ClassLabels.TABLE
                ? new Embedding(classPath, c.classCount(), c.size())
                : null;
        classes = switch (c.classLabels()) {
            case NONE, TABLE -> null;
            case TIMESTEP -> new TimestepEmbedding(classPath, c.timeSize(), c.size());
            case PROJECTION -> new TimestepEmbedding(classPath, c.projectionSize(), c.size());
        };
        addition = c.additionTimeSize() == 0
                ? null
                : new TimestepEmbedding(p.at("add_embedding"), c.projectionSize(), c.size());
    }

    /** timesteps [B] -> [B,size] in the dtype of the model. */
    Tensor forward(Tensor timesteps, UNetConditioning c, DType dtype) {
        Tensor t = waves(timesteps, config.timeSize(), dtype); // [B,timeSize]
        if (timeCond != null) {
            t = t.add(timeCond.forward(needed("timestepCond", c.timestepCond(), dtype)));
        }
        Tensor sum = time.forward(t);
        if (classTable != null) {
            sum = sum.add(classTable.forward(needed("classLabels", c.classLabels(), DType.I64)));
        }
        if (classes != null) {
            Tensor labels = needed("classLabels", c.classLabels(), dtype);
            sum = sum.add(classes.forward(
                    config.classLabels() == PROJECTION ? labels : waves(labels, config.timeSize(), dtype)));
        }
        if (addition != null) {
            Tensor ids = needed("timeIds", c.timeIds(), DType.F32);
            Tensor sizes =
                    waves(ids.flatten(), config.additionTimeSize(), dtype).reshape(ids.size(0), -1);
            sum = sum.add(addition.forward(Ops.cat(1, needed("textEmbeds", c.textEmbeds(), dtype), sizes)));
        }
        return sum;
    }

    private Tensor waves(Tensor x, long size, DType dtype) {
        return Ops.to(sinusoids(x, size, config.flipSinToCos(), config.freqShift()), dtype);
    }

    private static Tensor needed(String name, @Nullable Tensor x, DType dtype) {
        if (x == null) {
            throw new IllegalArgumentException("this U-Net needs [%s] in its conditioning".formatted(name));
        }
        return Ops.to(x, dtype);
    }
}
