package dev.latente.training.report;

import dev.latente.image.Picture;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Prompt;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.training.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Pictures from text, as they would be drawn from what the run exports.
 *
 * @param export the checkpoint with the weights of the run; closed when all is drawn
 * @param requests each with its own seed, so that samples of different steps can be compared
 */
public record PromptSamples(Function<Trainer, Checkpoint> export, List<Request> requests)
        implements Function<Trainer, List<Drawn>> {
    public PromptSamples {
        requests = List.copyOf(requests);
    }

    @Override
    public List<Drawn> apply(Trainer trained) {
        List<Drawn> drawn = new ArrayList<>();
        try (Checkpoint checkpoint = export.apply(trained)) {
            TextToImage pipeline = new TextToImage(checkpoint);
            for (Request request : requests) {
                List<Picture> pictures = pipeline.generate(request);
                for (int i = 0; i < pictures.size(); i++) {
                    Prompt prompt = request.prompts().get(i / request.perPrompt());
                    drawn.add(new Drawn(prompt.text(), pictures.get(i)));
                }
            }
        }
        return drawn;
    }
}
