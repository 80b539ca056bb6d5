package dev.latente.training.data.filter;

import dev.latente.image.ClipImages;
import dev.latente.models.clip.AestheticPredictor;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.clip.ClipVisionModel;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.training.data.Example;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Leaves out pictures that people like less, as far as LAION's predictor knows. */
public final class AestheticRule implements Rule {
    private final Arena arena = new Arena();
    private final ClipVisionModel clip;
    private final AestheticPredictor predictor;
    private final ClipImages images;
    private final double least;

    /**
     * Loads the models.
     *
     * @param clip folder of a CLIP with projection, such as that of openai/clip-vit-large-patch14
     * @param predictor its weights, such as {@code sac+logos+ava1-l14-linearMSE.pth}
     * @param least score that stays, of about 1 to 10
     * @throws WeightsException if they cannot be loaded, or do not belong together
     */
    public AestheticRule(Path clip, Path predictor, double least) {
        this.least = least;
        ClipFolder folder = new ClipFolder(clip);
        ClipVisionConfig config = ClipVisionConfig.of(folder.config());
        if (config.projection() == 0) {
            throw new WeightsException(clip, null, "is a CLIP without projection, wanted one with");
        }
        this.clip = folder.load(arena, p -> new ClipVisionModel(p, config));
        this.images = folder.images();
        try (TensorFile file = TensorFiles.open(predictor)) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            this.predictor = new AestheticPredictor(params, sizes(file));
        }
    }

    private static List<Long> sizes(TensorFile file) {
        List<Long> sizes = new ArrayList<>();
        for (int layer : new int[] {0, 2, 4, 6, 7}) {
            String key = "layers.%d.weight".formatted(layer);
            TensorInfo info = file.tensors().get(key);
            if (info == null || info.shape().size() != 2) {
                throw new WeightsException(file.path(), key, "is missing: is it LAION's aesthetic predictor v2?");
            }
            sizes.add(info.shape().get(1));
        }
        return sizes;
    }

    @Override
    public String name() {
        return "aesthetic";
    }

    @Override
    public Optional<String> objection(Example example) {
        double score = score(example);
        return score >= least
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "score %.2f is below %.2f", score, least));
    }

    double score(Example example) {
        return Scopes.within(() -> (double)
                Ops.floats(predictor.forward(Objects.requireNonNull(
                        clip.forward(images.image(example.picture())).imageEmbeds())))[0]);
    }

    @Override
    public void close() {
        arena.close();
    }
}
