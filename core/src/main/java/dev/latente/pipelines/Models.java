package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.flux.Flux;
import dev.latente.models.flux.FluxConfig;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.Autoencoder;
import dev.latente.models.vae.AutoencoderConfig;
import dev.latente.nn.Kept;
import dev.latente.nn.Params;
import dev.latente.nn.Room;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.T5Tokenizer;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Builds the models of a checkpoint of its files, with what is laid over their weights, and owns what it built of them. Not
 * thread-safe; what it built is.
 */
final class Models implements AutoCloseable {
    private final Arena arena = new Arena();
    private final List<Kept> own = new ArrayList<>();
    private final CheckpointFiles files;
    private final LoadOptions options;
    private final Room room;
    private final Adapters adapters;

    private Models(CheckpointFiles files, LoadOptions options, Room room, Adapters adapters) {
        this.files = files;
        this.options = options;
        this.room = room;
        this.adapters = adapters;
    }

    /**
     * Those of a checkpoint that is loaded.
     *
     * @throws WeightsException if a LoRA or an embedding is broken, or does not fit
     */
    static Models of(CheckpointFiles files, LoadOptions options) {
        Adapters adapters = new Adapters(files, options.loras(), options.embeddings());
        return new Models(files, options, options.residency().room(), adapters);
    }

    /** For {@link #changed} ones of models that were built by this one: with LoRAs laid over them. */
    Models with(List<LoadOptions.ScaledLora> loras) {
        return new Models(files, options, room, new Adapters(files, loras, List.of()));
    }

    private <T> Built<T> build(String name, WeightSource weights, DType type, Function<Params, T> maker) {
        Built<T> made = Built.of(name, weights, type, options.device(), room, arena, maker);
        own.add(made.kept());
        return made;
    }

    /** The model with what is laid over its weights: the same one where that is nothing. */
    <T> Built<T> changed(Built<T> model) {
        String name = model.name();
        Set<String> names = adapters.changed(name);
        if (names.isEmpty()) {
            return model;
        }
        Built<T> changed = model.with(weights -> adapters.over(name, weights), names, arena);
        own.add(changed.kept());
        return changed;
    }

    /** The U-Net or the transformer. */
    Network network() {
        String name = files.family().denoiser();
        if (!files.has(name)) {
            throw new WeightsException("%s: has no %s: cannot draw without".formatted(files, name));
        }
        if (name.equals("transformer")) {
            if (files.family().isFlux()) {
                return new FluxNetwork(flux(name));
            }
            MMDiTConfig config = MMDiTConfig.of(files.config(name));
            return new TransformerNetwork(
                    build(name, adapters.weights(name), options.dtype(), p -> new MMDiT(p, config)));
        }
        UNetConfig config = UNetConfig.of(files.config(name));
        Built<UNet2DCondition> unet =
                build(name, adapters.weights(name), options.dtype(), p -> new UNet2DCondition(p, config));
        return new UNetNetwork(
                unet, files.modelIndex().path("requires_aesthetics_score").asBoolean(false));
    }

    private Built<Flux> flux(String name) {
        FluxConfig config = FluxConfig.of(files.config(name));
        if (config.inChannels() != config.outChannels() || config.inChannels() % 4 != 0 || config.patchSize() != 1) {
            throw new WeightsException(
                    "%s: transformer: takes tokens of [%d] numbers and gives [%d], wanted the same, of 2x2 latents: a Flux.1 that sees a picture beside the latents is not drawn with: take dev or schnell"
                            .formatted(
                                    files,
                                    config.inChannels(),
                                    config.patchSize() * config.patchSize() * config.outChannels()));
        }
        return build(name, adapters.weights(name), options.dtype(), p -> new Flux(p, config));
    }

    LatentCodec codec() {
        if (!files.has("vae")) {
            throw new WeightsException("%s: has no vae: give one with --vae".formatted(files));
        }
        AutoencoderConfig config = AutoencoderConfig.of(files.config("vae"));
        DType type = config.dtype(options.dtype());
        Autoencoder vae = build("vae", files.weights("vae"), type, p -> Autoencoder.of(p.later(), config))
                .model();
        return new LatentCodec(options.tiling() ? vae.tiled() : vae, type, options.device());
    }

    Conditioner conditioner(Network network, Map<String, CompletableFuture<ClipTokenizer>> tokenizers) {
        if (network instanceof FluxNetwork && tokenizers.size() > 1) {
            throw new WeightsException(
                    "%s: has [%d] CLIP text encoders, wanted one: Flux.1 takes CLIP by --text-encoder and T5 by --t5"
                            .formatted(files, tokenizers.size()));
        }
        List<TextEncoder> encoders = new ArrayList<>();
        tokenizers.forEach((name, tokenizer) -> {
            Adapters.Words words =
                    adapters.words(name, Tokenizers.result(tokenizer), ClipTextConfig.of(files.config(name)));
            Built<ClipTextModel> model =
                    build(name, words.weights(), options.dtype(), p -> new ClipTextModel(p, words.config()));
            encoders.add(new TextEncoder(words.tokenizer(), model));
        });
        if (encoders.isEmpty()) {
            throw new WeightsException("%s: has no text encoder: give one with --text-encoder".formatted(files));
        }
        if (network instanceof TransformerNetwork sd3) {
            return new Conditioner(encoders, t5Context(sd3, encoders.size()), false, options.device());
        }
        if (network instanceof FluxNetwork flux) {
            return new Conditioner(encoders, fluxContext(flux), false, options.device());
        }
        boolean pooled = network instanceof UNetNetwork unet && unet.pooled();
        boolean zeroForNothing =
                files.modelIndex().path("force_zeros_for_empty_prompt").asBoolean(pooled);
        return new Conditioner(encoders, new ClipContext(pooled), zeroForNothing, options.device());
    }

    private T5Context t5Context(TransformerNetwork sd3, int encoders) {
        if (encoders < 2) {
            throw new WeightsException(
                    "%s: has [%d] CLIP text encoder, wanted two: give them with --text-encoder and --text-encoder-2"
                            .formatted(files, encoders));
        }
        long size = sd3.transformer().config().textSize();
        if (!files.has(T5Files.ENCODER)) {
            return new T5Context(null, size, options.device());
        }
        return new T5Context(t5(size), size, options.device());
    }

    private FluxContext fluxContext(FluxNetwork flux) {
        if (!files.has(T5Files.ENCODER)) {
            throw new WeightsException(
                    "%s: has no T5, by which Flux.1 reads prompts: give it with --t5 MODEL, its tokenizer beside it"
                            .formatted(files));
        }
        return new FluxContext(t5(flux.flux().config().textSize()), flux.usualTokens());
    }

    private T5Reader t5(long size) {
        T5Config config = T5Files.config(files, size);
        T5Tokenizer tokenizer = T5Tokenizer.load(T5Files.tokenizer(files, options));
        DType type = T5Files.dtype(options.dtype());
        Built<T5Encoder> model =
                build(T5Files.ENCODER, adapters.weights(T5Files.ENCODER), type, p -> new T5Encoder(p, config));
        return new T5Reader(tokenizer, model, options.device());
    }

    /** Frees what it built; the files stay open. */
    @Override
    public void close() {
        own.forEach(Kept::close);
        arena.close();
        adapters.close();
    }
}
