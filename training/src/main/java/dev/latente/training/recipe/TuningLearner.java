package dev.latente.training.recipe;

import dev.latente.image.Picture;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlNetCheckpoint;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.data.Batch;
import dev.latente.training.data.BatchPlan;
import dev.latente.training.data.Buckets;
import dev.latente.training.data.Captioned;
import dev.latente.training.data.ControlPictures;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.FolderDataset;
import dev.latente.training.data.Loader;
import dev.latente.training.data.Sample;
import dev.latente.training.data.TensorCache;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.PromptSamples;
import dev.latente.training.tasks.LatentBatch;
import dev.latente.training.tuning.Base;
import dev.latente.training.tuning.DreamBooth;
import dev.latente.training.tuning.EncodedBatches;
import dev.latente.training.tuning.Tuning;
import dev.latente.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** Teaches a checkpoint; writes what was learned alone, or, where all of a part learns, the whole checkpoint. */
final class TuningLearner implements Learner {
    private final TuningTraining training;
    private final Recipe recipe;
    private final TrainingData data;
    private final LoadOptions options;
    private final Path checkpoint;
    private final Base base;
    private final Tuning tuning;
    private final Task task;
    private final Parameters parameters;
    private Path written;

    TuningLearner(TuningTraining training, Recipe recipe, TrainingData data) {
        this.training = training;
        this.recipe = recipe;
        this.data = data;
        written = recipe.export();
        LoadOptions plain = LoadOptions.of(recipe.config().dtype(), recipe.device());
        checkpoint = recipe.checkpoint(training.checkpoint(), data.watcher());
        options = training.tokenizer() == null ? plain : plain.withTokenizer(training.tokenizer());
        if (training.prior() != null) {
            drawClass(training.prior());
        }
        base = Base.open(checkpoint, options);
        try {
            tuning = training.way().apply(base);
            task = tuning.task(training.objective().apply(base.objective()), batches());
            parameters = tuning.parameters(recipe.config().seed());
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    private void drawClass(TuningTraining.Prior prior) {
        if (data.config().buckets()) {
            throw new IllegalArgumentException("prior: the class is drawn at one size: set data.buckets to false");
        }
        if (DreamBooth.missing(prior.folder(), prior.pictures()) > 0) {
            try (Checkpoint drawing = Checkpoint.load(checkpoint, options)) {
                Request request = Request.of(prior.prompt())
                        .withSize(data.config().size(), data.config().size())
                        .withSteps(drawing.usualSteps())
                        .withGuiding(drawing.usualGuiding())
                        .withSeed(recipe.config().seed());
                DreamBooth.drawClass(
                        drawing,
                        request,
                        prior.pictures(),
                        prior.folder(),
                        missing -> data.watcher().drawn(prior.pictures() - missing, prior.pictures()));
            }
        }
    }

    private LongFunction<LatentBatch> batches() {
        EncodedBatches pictures = encoded(
                index -> named(data.batches().apply(index)),
                data.config().source().identity(data.examples()));
        if (training.control() != null) {
            return pictures.withControl(training.control());
        }
        if (training.prior() == null) {
            return pictures;
        }
        Path folder = training.prior().folder();
        Dataset classes = new Captioned(
                FolderDataset.open(folder), List.of(training.prior().prompt()));
        long seed = recipe.config().seed();
        Size size = new Size(data.config().size(), data.config().size());
        BatchPlan plan = BatchPlan.of(classes, Buckets.only(size), data.config().batch(), seed, data.skipped());
        Loader loader = new Loader(classes, plan, data.config().augment(), seed, data.skipped());
        return DreamBooth.batches(pictures, encoded(loader::batch, TensorCache.hash(folder)));
    }

    /** With latents from the disk where each picture has one encoding. */
    private EncodedBatches encoded(LongFunction<Batch> batches, String pictures) {
        EncodedBatches encoded = new EncodedBatches(base, batches);
        if (!data.config().repeats()) {
            return encoded;
        }
        Path folder = data.config().cache() == null
                ? recipe.output().resolve("latents")
                : data.config().cache();
        Path vae = checkpoint.resolve("vae");
        String encoder = TensorCache.hash(Files.isDirectory(vae) ? vae : checkpoint);
        return encoded.withCache(new TensorCache(folder), TensorCache.key(encoder, pictures));
    }

    /** A picture whose caption lacks the word that is learned is called by one of the word's captions. */
    private Batch named(Batch batch) {
        TuningTraining.Word word = training.word();
        if (word == null) {
            return batch;
        }
        List<Sample> samples = new ArrayList<>();
        for (Sample s : batch.samples()) {
            long number = batch.step() * batch.samples().size() + samples.size();
            int turn = (int) (number % word.captions().size());
            String caption = s.caption().contains(word.token())
                    ? s.caption()
                    : word.captions().get(turn);
            samples.add(new Sample(s.name(), s.picture(), caption, s.micro(), s.flipped()));
        }
        return new Batch(batch.step(), batch.epoch(), batch.size(), samples);
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Task task() {
        return task;
    }

    @Override
    public void export(WeightSource trained, Path folder) {
        written = tuning.write(folder, trained, recipe.exportType());
    }

    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        List<Request> requests = recipe.samples().requests();
        if (training.control() == null) {
            return new PromptSamples(t -> tuning.load(written), requests).apply(trained);
        }
        try (ControlNetCheckpoint net = ControlNetCheckpoint.load(exported, options)) {
            List<Control> controls = List.of(Control.of(net, shown(training.control())));
            List<Request> steered =
                    requests.stream().map(r -> r.withControls(controls)).toList();
            return new PromptSamples(t -> tuning.load(written), steered).apply(trained);
        }
    }

    /** The control picture of the first example. */
    private Picture shown(ControlPictures control) {
        return control.of(data.batch(0).samples().get(0));
    }

    @Override
    public void close() {
        parameters.close();
        base.close();
    }
}
