package dev.latente.pipelines;

import dev.latente.nn.Kept;
import dev.latente.nn.Params;
import dev.latente.nn.Room;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.WeightLayout;
import dev.latente.tensor.Workspace;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.Set;
import java.util.function.Function;

/**
 * A model and what it was built of, so that one of changed weights can be built that shares all others.
 *
 * @param name of the model in the checkpoint, such as text_encoder_2
 * @param weights where they come from, as long as the model is used
 * @param kept which of them are in memory
 * @param maker the model of its weights
 */
record Built<T>(
        String name, T model, WeightSource weights, Kept kept, Function<Params, T> maker, DType dtype, Device device) {
    /** Builds a model, whose weights the arena is to own. */
    static <T> Built<T> of(
            String name,
            WeightSource weights,
            DType dtype,
            Device device,
            Room room,
            Arena arena,
            Function<Params, T> maker) {
        Kept kept = Kept.in(room);
        return new Built<>(
                name, build(weights, kept, maker, dtype, device, arena), weights, kept, maker, dtype, device);
    }

    /**
     * The same model with weights that were changed under these names; the arena is to own those alone.
     *
     * @param changes lays the changes over the weights of this one
     */
    Built<T> with(Function<WeightSource, WeightSource> changes, Set<String> names, Arena arena) {
        WeightSource changed = changes.apply(weights);
        Kept but = kept.but(names);
        T other = build(changed, but, maker, dtype, device, arena);
        return new Built<>(name, other, changed, but, maker, dtype, device);
    }

    private static <T> T build(
            WeightSource weights, Kept kept, Function<Params, T> maker, DType dtype, Device device, Arena arena) {
        try (Workspace workspace = new Workspace()) {
            WeightSource cast = WeightSources.cast(weights, dtype, device, workspace);
            Params params = Params.of(cast, arena, WeightLayout.PREPARED, kept);
            T model = maker.apply(params);
            params.requireAllUsed();
            return model;
        } finally {
            Memory.trim(); // weights as they were stored
        }
    }
}
