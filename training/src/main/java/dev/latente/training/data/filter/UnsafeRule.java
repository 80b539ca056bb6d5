package dev.latente.training.data.filter;

import dev.latente.image.ClipImages;
import dev.latente.models.clip.SafetyChecker;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Scopes;
import dev.latente.training.data.Example;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Leaves out pictures near to the concepts of Stable Diffusion's safety checker. */
public final class UnsafeRule implements Rule {
    private static final long CONCEPTS = 17;
    private static final long SPECIAL = 3;

    private final Arena arena = new Arena();
    private final SafetyChecker checker;
    private final ClipImages images;

    /**
     * Loads the model.
     *
     * @param folder {@code safety_checker} of a checkpoint, with {@code feature_extractor} beside it
     * @throws WeightsException if it cannot be loaded
     */
    public UnsafeRule(Path folder) {
        ClipFolder clip = new ClipFolder(folder);
        checker = clip.load(arena, p -> new SafetyChecker(p, clip.config(), CONCEPTS, SPECIAL));
        images = clip.images();
    }

    @Override
    public String name() {
        return "unsafe";
    }

    @Override
    public Optional<String> objection(Example example) {
        List<Integer> concepts = Scopes.within(
                () -> checker.forward(images.image(example.picture())).get(0).unsafeConcepts());
        return concepts.isEmpty() ? Optional.empty() : Optional.of("near to the concepts " + concepts);
    }

    @Override
    public void close() {
        arena.close();
    }
}
