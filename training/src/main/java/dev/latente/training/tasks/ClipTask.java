package dev.latente.training.tasks;

import dev.latente.image.ClipImages;
import dev.latente.models.clip.ClipConfig;
import dev.latente.models.clip.ClipModel;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.text.ClipTokenizer;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.data.Batch;
import dev.latente.training.data.Sample;
import dev.latente.training.losses.Contrastive;
import dev.latente.weights.WeightSource;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/** A pair of encoders for pictures and texts from nothing, by contrast (Radford et al. 2021, section 2.3). */
public final class ClipTask implements Task {
    private final ClipConfig config;
    private final ClipTokenizer tokenizer;
    private final ClipImages images;
    private final LongFunction<Batch> batches;

    public ClipTask(ClipConfig config, ClipTokenizer tokenizer, ClipImages images, LongFunction<Batch> batches) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.images = images;
        this.batches = batches;
    }

    @Override
    public Loss loss(WeightSource weights, Turn turn) {
        try (Arena arena = new Arena()) {
            ClipModel model = new ClipModel(Params.of(weights, arena), config);
            Batch batch = batches.apply(turn.index());
            Tensor pixels = Ops.cat(
                    0,
                    batch.samples().stream().map(s -> images.image(s.picture())).toArray(Tensor[]::new));
            Tensor ids = Tokens.ids(
                    tokenizer,
                    (int) config.text().positions(),
                    batch.samples().stream().map(Sample::caption).toList());
            Tensor logits = model.logits(model.imageEmbeds(pixels), model.textEmbeds(ids, null));
            Tensor loss = Contrastive.loss(Ops.to(logits, DType.F32));
            return new Loss(loss, Map.of("accuracy", accuracy(logits.detach())));
        }
    }

    /** How often a picture fits its own text best. */
    private static Tensor accuracy(Tensor logits) {
        Tensor own = logits.diagonal().unsqueeze(1); // [n,1]
        return Ops.to(logits.le(own).all(1), DType.F32).mean();
    }
}
