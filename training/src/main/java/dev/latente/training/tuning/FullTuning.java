package dev.latente.training.tuning;

import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.DType;
import dev.latente.training.Parameters;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.Converter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** All weights of some parts learn: of the U-Net, and of the text encoders if they are to. */
public final class FullTuning implements Tuning {
    private final Base base;
    private final Set<String> parts;

    /**
     * For some parts of a checkpoint.
     *
     * @param parts unet, text_encoder, text_encoder_2
     */
    public FullTuning(Base base, Set<String> parts) {
        this.base = base;
        this.parts = new TreeSet<>(parts);
    }

    @Override
    public Parameters parameters(long seed) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, WeightSource> stored = new LinkedHashMap<>();
        for (String part : parts) {
            base.shapes(part).forEach((name, shape) -> shapes.put(part + "." + name, shape));
            stored.put(part + ".", base.files().weights(part));
        }
        return new Parameters(shapes, WeightSources.joined(stored), base.device());
    }

    @Override
    public DiffusionTask.Model model() {
        return base.model();
    }

    @Override
    public WeightSource weights(WeightSource learning) {
        return base.with(byPart(learning));
    }

    /** Writes the whole checkpoint as a folder of diffusers; what did not learn is converted to the dtype, too. */
    @Override
    public Path write(Path folder, WeightSource learned, DType dtype) {
        new Converter(base.files(), dtype).withWeights(byPart(learned)).toFolder(folder);
        return folder;
    }

    @Override
    public Checkpoint load(Path written) {
        return Checkpoint.load(written, base.options());
    }

    private Map<String, WeightSource> byPart(WeightSource source) {
        Map<String, WeightSource> sources = new LinkedHashMap<>();
        parts.forEach(part -> sources.put(part, WeightSources.below(source, part + ".")));
        return sources;
    }
}
