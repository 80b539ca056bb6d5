package dev.latente.training;

import dev.latente.tensor.Autograd;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Recompute;
import dev.latente.tensor.Scopes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. A step: the losses of its micro-batches and their gradients, clipping, the optimiser, the average of the
 * weights. Every so many steps a checkpoint; a run that is started again goes on from the newest one, bit by bit as if it had
 * never stopped.
 */
public final class Trainer implements AutoCloseable {
    private final TrainingConfig config;
    private final Parameters parameters;
    private final Task task;
    private final Workers workers;
    private final AdamW optimizer;
    private final @Nullable Ema ema;
    private final LossScale lossScale;
    private final Snapshots snapshots;
    private final RunLog log;
    private final List<TrainingListener> listeners;
    private long done;
    private long saved;

    /**
     * Opens a run in a folder, and goes on where it stopped if there is one.
     *
     * @param folder for {@code checkpoints/} and {@code log.jsonl}
     * @param parameters that learn; owned by the caller
     */
    public Trainer(
            Path folder, TrainingConfig config, Parameters parameters, Task task, List<TrainingListener> listeners) {
        this.config = config;
        this.parameters = parameters;
        this.task = task;
        this.listeners = List.copyOf(listeners);
        workers = new Workers(parameters, config.workers());
        optimizer = new AdamW(parameters, config.optimizer());
        ema = config.ema() == null ? null : new Ema(parameters.values(), config.ema());
        snapshots = new Snapshots(folder.resolve("checkpoints"), message -> listeners.forEach(l -> l.warning(message)));
        Map<String, String> state = restored();
        done = number(state, "step", 0);
        saved = done;
        lossScale = new LossScale(
                number(state, "loss_scale", LossScale.START),
                (int) number(state, "loss_scale_good", 0),
                number(state, "loss_scale_skipped", 0));
        log = new RunLog(folder.resolve("log.jsonl"), number(state, "log_bytes", 0));
    }

    private Map<String, String> restored() {
        Optional<Map<String, String>> found = snapshots.restore(buffers());
        Map<String, String> state = found.orElse(Map.of());
        long seed = number(state, "seed", config.seed());
        if (seed != config.seed()) {
            throw new IllegalArgumentException(
                    "the run was begun with seed [%d], got [%d]: use another folder, or that seed"
                            .formatted(seed, config.seed()));
        }
        return state;
    }

    private static long number(Map<String, String> state, String name, long otherwise) {
        String value = state.get(name);
        return value == null ? otherwise : Long.parseLong(value);
    }

    /** Steps that are done. */
    public long done() {
        return done;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** The weights to use: their average where there is one, fp32, laid out as the parameters' buffer. */
    public Tensor best() {
        return ema == null ? parameters.values() : ema.shadow();
    }

    /** Trains to the end, or until {@code stop} says so; then writes a checkpoint. */
    public void run(BooleanSupplier stop) {
        listeners.forEach(l -> l.started(config, done));
        while (done < config.steps() && !stop.getAsBoolean()) {
            TrainingListener.Step step = Scopes.within(this::step);
            log.add(step);
            listeners.forEach(l -> l.step(step));
            if (done % config.saveEvery() == 0) {
                save();
            }
            if (config.sampleEvery() > 0 && done % config.sampleEvery() == 0) {
                listeners.forEach(l -> l.sample(done, this));
            }
        }
        save();
        listeners.forEach(l -> l.finished(this));
    }

    private TrainingListener.Step step() {
        Map<String, Double> terms = new TreeMap<>();
        double loss = 0;
        double scale = scale(); // that of these gradients: accepting them may change it
        for (Part part : workers.run(config.accumulation(), this::backward)) {
            loss += part.loss;
            part.terms.forEach((name, x) -> terms.merge(name, x, Double::sum));
        }
        double norm = parameters.gradients().norm().item_double() / scale;
        double rate = config.schedule().at(done, config.learningRate());
        requireFinite(loss, norm);
        done++;
        if (config.dtype() != DType.F16 || lossScale.accept(Double.isFinite(norm))) {
            long taken = done - lossScale.skipped();
            optimizer.step(taken, rate, clip(norm) / scale);
            if (ema != null) {
                ema.update(parameters.values(), taken);
            }
        }
        return new TrainingListener.Step(done, loss, terms, rate, norm);
    }

    /** Numbers that are none would spread to all weights. In fp16 they are common, and the loss scale deals with them. */
    private void requireFinite(double loss, double norm) {
        if (Double.isFinite(loss) && Double.isFinite(norm)) {
            return;
        }
        if (config.dtype() != DType.F16 || lossScale.scale() <= 1) {
            throw new DivergedException(
                    ("step %d: loss [%s], gradient norm [%s]: the run diverged; a lower learning rate, more warmup or "
                                    + "clipping help, and so does fp32; its weights of step %d are whole")
                            .formatted(done + 1, loss, norm, saved));
        }
    }

    /** One micro-batch's share of the step's loss and its terms. */
    private record Part(double loss, Map<String, Double> terms) {}

    /** Adds the gradients of one micro-batch. */
    private Part backward(Parameters weights, int part) {
        Turn turn = new Turn(config.seed(), done, part, config.accumulation());
        return config.gradientCheckpointing()
                ? Recompute.within(() -> backward(weights, turn))
                : backward(weights, turn);
    }

    private Part backward(Parameters weights, Turn turn) {
        Task.Loss loss = task.loss(weights.source(config.dtype()), turn);
        Autograd.backward(Ops.mul(loss.total(), scale() / turn.parts()));
        Map<String, Double> terms = new TreeMap<>();
        loss.terms().forEach((name, x) -> terms.put(name, x.item_double() / turn.parts()));
        return new Part(loss.total().item_double() / turn.parts(), terms);
    }

    private double scale() {
        return config.dtype() == DType.F16 ? lossScale.scale() : 1;
    }

    private double clip(double norm) {
        return config.clip() == 0 ? 1 : Math.min(1, config.clip() / (norm + 1e-6));
    }

    private void save() {
        if (saved == done) {
            return;
        }
        snapshots.save(
                done,
                buffers(),
                Map.of(
                        "seed", Long.toString(config.seed()),
                        "loss_scale", Long.toString((long) lossScale.scale()),
                        "loss_scale_good", Integer.toString(lossScale.good()),
                        "loss_scale_skipped", Long.toString(lossScale.skipped()),
                        "log_bytes", Long.toString(log.sync())));
        saved = done;
    }

    private Map<String, Tensor> buffers() {
        Map<String, Tensor> buffers = new LinkedHashMap<>(optimizer.state());
        buffers.put("weights", parameters.values());
        if (ema != null) {
            buffers.put("ema", ema.shadow());
        }
        return buffers;
    }

    @Override
    public void close() {
        log.close();
        workers.close();
        optimizer.close();
        if (ema != null) {
            ema.close();
        }
    }
}
