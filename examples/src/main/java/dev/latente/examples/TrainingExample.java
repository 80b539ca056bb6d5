/// usr/bin/env jbang "$0" "$@" ; exit $?
// JAVA 17+
// DEPS dev.latente:latente-training:0.1.0-SNAPSHOT
// DEPS org.bytedeco:javacpp:1.5.13:linux-x86_64
// DEPS org.bytedeco:openblas:0.3.31-1.5.13:linux-x86_64
// DEPS org.bytedeco:pytorch:2.10.0-1.5.13:linux-x86_64
// RUNTIME_OPTIONS -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0
package dev.latente.examples;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.Rng;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A task of one's own: a layer learns to give back what it sees. {@code TrainingExample FOLDER}; started again, it goes on. */
public final class TrainingExample {
    private TrainingExample() {}

    public static void main(String[] args) {
        Task identity = (weights, turn) -> {
            try (Arena arena = new Arena();
                    Rng rng = turn.rng("data")) {
                Linear model = new Linear(Params.of(weights, arena), 8, 8);
                Tensor x = rng.normal(32, 8);
                return Task.Loss.of(model.forward(x).sub(x).square().mean());
            }
        };
        TrainingConfig config =
                TrainingConfig.builder(1000, 1e-2).saveEvery(100).build();
        try (Parameters parameters = new Parameters(Shapes.of(p -> new Linear(p, 8, 8)), Initial.of(0), Device.CPU);
                Trainer trainer = new Trainer(Path.of(args[0]), config, parameters, identity, List.of())) {
            trainer.run(() -> false);
        }
    }
}
