package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Guidance;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Trajectory;
import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.clip.PromptWeighting;
import dev.latente.models.kunet.KUNet;
import dev.latente.models.kunet.KUNetConfig;
import dev.latente.models.vae.Autoencoder;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Room;
import dev.latente.profile.Phase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.text.PromptChunk;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Draws latents twice as large beside the small ones (Stable Diffusion's x2 latent upscaler): a U-Net of k-diffusion's blocks,
 * preconditioned by the noise level (Karras et al. 2022, table 1). Thread-safe. Close it when nothing runs on it any more.
 */
public final class LatentUpscaler implements AutoCloseable {
    /** By how much the sides grow. */
    public static final int SCALE = 2;

    /** Half of the vector that says how noisy the small latents are: they are not. */
    private static final long NOISE_HALF = 64;

    private final Arena arena = new Arena();
    private final LoadOptions options;
    private final TextEncoder encoder;
    private final KUNet unet;
    private final LatentCodec codec;
    private final SchedulerConfig scheduler;

    private LatentUpscaler(Path folder, LoadOptions options) {
        this.options = options;
        try (CheckpointFiles files = CheckpointFiles.open(folder, options.files())) {
            KUNetConfig config = KUNetConfig.of(files.config("unet"));
            unet = build(files, "unet", options.dtype(), p -> new KUNet(p, config))
                    .model();
            AutoencoderConfig vae = AutoencoderConfig.of(files.config("vae"));
            DType vaeType = vae.dtype(options.dtype());
            Built<Autoencoder> autoencoder = build(files, "vae", vaeType, p -> Autoencoder.of(p, vae));
            codec = new LatentCodec(autoencoder.model(), vaeType, options.device());
            ClipTextConfig text = ClipTextConfig.of(files.config("text_encoder"));
            encoder = new TextEncoder(
                    Tokenizers.load(files, "tokenizer", options.tokenizer()),
                    build(files, "text_encoder", options.dtype(), p -> new ClipTextModel(p, text)));
            scheduler = SchedulerConfig.of(Json.members(files.schedulerConfig()));
            if (config.inChannels() != 2 * codec.channels() || config.outChannels() <= codec.channels()) {
                throw new WeightsException(
                        "%s: its U-Net takes [%d] channels and gives [%d], wanted [%d] and more than [%d]"
                                .formatted(
                                        folder,
                                        config.inChannels(),
                                        config.outChannels(),
                                        2 * codec.channels(),
                                        codec.channels()));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether a folder of diffusers is of this kind. */
    public static boolean isOne(Path folder) {
        Path config = folder.resolve("unet").resolve("config.json");
        return Files.isRegularFile(config) && KUNetConfig.describes(Json.read(config));
    }

    /** Loads one in fp32 on the CPU. */
    public static LatentUpscaler load(Path folder) {
        return load(folder, LoadOptions.DEFAULT);
    }

    /**
     * Loads a folder of diffusers.
     *
     * @throws WeightsException if it is no latent upscaler, or broken
     */
    public static LatentUpscaler load(Path folder, LoadOptions options) {
        return new LatentUpscaler(folder, options);
    }

    private <T> Built<T> build(CheckpointFiles files, String name, DType type, Function<Params, T> model) {
        return Built.of(name, files.weights(name), type, options.device(), Room.unlimited(), arena, model);
    }

    public SchedulerConfig scheduler() {
        return scheduler;
    }

    LatentCodec codec() {
        return codec;
    }

    /**
     * Draws each picture of a request, of which prompts, steps, guidance, scheduler and seeds count. Prompts are read as they
     * are, and with guidance 0 they count for nothing.
     *
     * @param small the picture to enlarge; resized where its sides are no multiples of what the networks need
     */
    public List<Picture> generate(Request request, Picture small, Progress progress) {
        return new Phase.Picture("upscale", request.batch(), request.steps().count())
                .run(() -> Scopes.within(() -> {
                    try (Seeds.Noise noise = request.seeds().open(options.device())) {
                        Tensor latents = codec.encode(pixels(small), noise.first(), 1);
                        return List.of(Picture.fromTensor(codec.decode(latents(request, latents, noise, progress))));
                    }
                }));
    }

    private Tensor pixels(Picture small) {
        int unit = codec.factor() * Math.max(1, unet.unit() / SCALE);
        int[] size = VaeImages.size(small, unit);
        if (size[0] == 0 || size[1] == 0) {
            throw new IllegalArgumentException("picture of %dx%d is too small: sides of at least %d pixels are needed"
                    .formatted(small.width(), small.height(), unit));
        }
        return VaeImages.normalize(
                Resize.to(small.rgb(), size[0], size[1], Resize.Filter.BICUBIC).toTensor());
    }

    /** The large latents [B,C,2h,2w] of small ones [1,C,h,w], in the caller's scope. */
    Tensor latents(Request request, Tensor small, Seeds.Noise noise, Progress progress) {
        return Scopes.keep(() -> {
            Told told = encode(request);
            var used = request.scheduler() == null ? Schedulers.of(scheduler) : request.scheduler();
            Trajectory trajectory = used.trajectory(request.steps());
            long batch = request.batch();
            Tensor beside = Functional.upsampleNearest(small, SCALE * small.size(2), SCALE * small.size(3))
                    .repeat(batch, 1, 1, 1);
            Tensor normal = noise.normal(batch, small.size(1), SCALE * small.size(2), SCALE * small.size(3));
            double[] sigmas = trajectory.noiseLevels();
            Denoiser denoiser = new Guided(told, beside, sigmas, request.guiding());
            Tensor start = Ops.mul(normal, trajectory.initNoiseSigma());
            return trajectory.sample(start, denoiser, noise, (call, timestep, x) -> {
                progress.onCall(call + 1, sigmas.length, x);
                return x;
            });
        });
    }

    /**
     * What the U-Net is told.
     *
     * @param text states before the last normalisation [B or 2B,n,d], the negative half first
     * @param cond how noisy the small latents are, and the pooled text [B or 2B,c]
     */
    private record Told(Tensor text, Tensor cond) {}

    private Told encode(Request request) {
        boolean unguided = request.guiding().scale() == 0;
        List<String> texts =
                request.prompts().stream().map(p -> unguided ? "" : p.text()).toList();
        Told told = encode(texts);
        if (request.guiding().scale() > 1) {
            Told negative = encode(request.prompts().stream()
                    .map(p -> p.negative() == null ? "" : p.negative())
                    .toList());
            told = new Told(
                    Ops.cat(0, repeat(negative.text, request), repeat(told.text, request)),
                    Ops.cat(0, repeat(negative.cond, request), repeat(told.cond, request)));
        } else {
            told = new Told(repeat(told.text, request), repeat(told.cond, request));
        }
        return told;
    }

    private static Tensor repeat(Tensor x, Request request) {
        return Ops.repeatInterleave(x, request.perPrompt());
    }

    private Told encode(List<String> texts) {
        List<PromptChunk> chunks = texts.stream()
                .map(text -> PromptChunk.plain(encoder.tokenizer(), text, encoder.window()))
                .toList();
        ClipOutput output = encoder.model().forward(Ops.to(PromptWeighting.ids(chunks), options.device()), null);
        Tensor pooled = output.pooled();
        long rows = pooled.size(0);
        Tensor ones = Ops.full(1, Ops.dtype(pooled), options.device(), rows, NOISE_HALF);
        Tensor zeros = Ops.zeros(Ops.dtype(pooled), options.device(), rows, NOISE_HALF);
        return new Told(output.beforeLast(0), Ops.cat(1, ones, zeros, pooled));
    }

    /** The preconditioned U-Net with classifier-free guidance, for one run. */
    private final class Guided implements Denoiser {
        private final Told told;
        private final Tensor beside;
        private final double[] sigmas;
        private final Guiding guiding;
        private int call;

        Guided(Told told, Tensor beside, double[] sigmas, Guiding guiding) {
            this.told = told;
            this.beside = beside;
            this.sigmas = sigmas.clone();
            this.guiding = guiding;
        }

        /** sample / √(σ²+1) + σ / √(σ²+1) · the network's output, whose last channel is a variance that nobody uses. */
        @Override
        public Tensor predict(Tensor sample, double timestep) {
            double sigma = sigmas[call++];
            double root = Math.sqrt(sigma * sigma + 1);
            boolean guided = told.text.size(0) > sample.size(0);
            Tensor x = Ops.to(Ops.cat(1, sample, beside), options.dtype());
            Tensor noise = Ops.full(Math.log(sigma) / 4, DType.F32, options.device(), 1);
            Tensor output = unet.forward(guided ? Ops.cat(0, x, x) : x, noise, told.text, told.cond);
            Tensor raw = Ops.to(output, DType.F32).narrow(1, 0, sample.size(1));
            Tensor own = guided ? Ops.cat(0, sample, sample) : sample;
            Tensor denoised = Ops.combine(1 / root, own, sigma / root, raw);
            if (!guided) {
                return denoised;
            }
            Tensor[] halves = Ops.chunk(denoised, 2, 0);
            return Guidance.combine(halves[0], halves[1], guiding.scaleAt(call - 1, sigmas));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
