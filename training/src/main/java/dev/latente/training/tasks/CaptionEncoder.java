package dev.latente.training.tasks;

import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.pipelines.Micro;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a U-Net is told of a caption: the last states of a text encoder (SD1, SD2); or those before the last layer of one or
 * two, the pooled embedding of the last of them, and sizes (SDXL, Podell et al. 2023, section 2).
 */
record CaptionEncoder(DiffusionTask.Model model, WeightSource weights, Arena arena) {
    UNetConditioning encode(List<String> captions, List<Micro> micros) {
        boolean xl = model.unet().embeddings().additionTimeSize() > 0;
        List<Tensor> states = new ArrayList<>();
        Tensor pooled = null;
        for (DiffusionTask.Text text : model.texts()) {
            ClipOutput output = output(text, captions);
            states.add(xl ? output.penultimate() : output.lastHiddenState());
            pooled = output.textEmbeds();
        }
        Tensor all = Ops.cat(-1, states.toArray(new Tensor[0])); // [B,tokens,d]
        if (!xl) {
            return UNetConditioning.text(all);
        }
        Tensor embeds = Objects.requireNonNull(pooled, "the last text encoder has a projection");
        return UNetConditioning.textAndTime(all, embeds, timeIds(micros, captions.size(), embeds.size(1)));
    }

    private ClipOutput output(DiffusionTask.Text text, List<String> captions) {
        Params params = Params.of(WeightSources.below(weights, text.name() + "."), arena);
        Tensor ids = Tokens.ids(text.tokenizer(), (int) text.config().positions(), captions);
        return new ClipTextModel(params, text.config()).forward(Ops.to(ids, model.device()), null);
    }

    /** [B,6], or [B,5] where the U-Net wants the aesthetic score in place of the target size, as SDXL's refiner does. */
    private Tensor timeIds(List<Micro> micros, int batch, long pooled) {
        if (micros.size() != batch) {
            throw new IllegalArgumentException("SDXL is told the sizes of each picture: got [%d] for [%d] captions"
                    .formatted(micros.size(), batch));
        }
        UNetConfig.Embeddings embeddings = model.unet().embeddings();
        boolean aesthetic = embeddings.projectionSize() - pooled == 5 * embeddings.additionTimeSize();
        double[] ids = micros.stream()
                .flatMapToDouble(m -> Arrays.stream(m.timeIds(size(m.target()), aesthetic)))
                .toArray();
        return Ops.to(Ops.of(ids, batch, ids.length / batch), DType.F32, model.device());
    }

    private static Size size(@Nullable Size target) {
        return Objects.requireNonNull(target, "a training picture has a size");
    }
}
