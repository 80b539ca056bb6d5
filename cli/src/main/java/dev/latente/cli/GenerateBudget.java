package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Companion;
import dev.latente.pipelines.MemoryBudget;
import dev.latente.pipelines.Size;
import dev.latente.tensor.DType;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much memory {@code latente generate} will take, from the headers of all files that it is told to load. */
final class GenerateBudget {
    private GenerateBudget() {}

    static MemoryBudget of(GenerateCommand command, Console console) {
        ModelOptions model = command.model;
        List<Companion> beside = new ArrayList<>(command.control.companions(model, console));
        beside.addAll(command.t2i.companions(model, console));
        beside.addAll(command.picturePrompts.companions(model, console));
        DType dtype = DType.parse(model.dtype);
        try (CheckpointFiles files = model.files(model.resolve(model.required(), console), console)) {
            Size size = largest(command, files);
            MemoryBudget budget = MemoryBudget.of(files, beside, dtype, size, command.batch);
            if (command.refiner == null) {
                return budget;
            }
            try (CheckpointFiles refiner = model.files(model.resolve(command.refiner, console), console)) {
                return budget.and("refiner", MemoryBudget.of(refiner, dtype, size, command.batch));
            }
        }
    }

    /** That of the last pass. */
    private static Size largest(GenerateCommand command, CheckpointFiles files) {
        Picture picture = deciding(command);
        Size size = command.sampling.size != null
                ? Size.parse(command.sampling.size)
                : picture == null ? MemoryBudget.usualSize(files) : new Size(picture.width(), picture.height());
        double factor = command.hires == null ? 1 : command.hires;
        return new Size((int) (size.width() * factor), (int) (size.height() * factor));
    }

    /** The picture that a run has its size of where none is said, or null. */
    private static @Nullable Picture deciding(GenerateCommand command) {
        if (command.source.init != null) {
            return command.source.of().image();
        }
        List<Path> shown = command.control.images.isEmpty() ? command.t2i.images : command.control.images;
        return shown.isEmpty() ? null : PictureFiles.read(shown.get(0));
    }
}
