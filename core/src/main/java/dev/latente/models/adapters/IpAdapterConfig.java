package dev.latente.models.adapters;

import dev.latente.models.unet.UNetConfig;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Shape of an IP-Adapter, from the shapes of its weights.
 *
 * @param projection what makes tokens of a picture's embedding
 * @param sizes of the attentions that look at these tokens, in the order of {@link #attentions}
 */
public record IpAdapterConfig(Projection projection, List<Long> sizes) {
    /** What makes tokens that stand beside those of the text. */
    public sealed interface Projection permits Basic, FullFace, Plus {
        /** Numbers of the embedding, or of each of its states. */
        long in();

        /** Numbers of a token, as the text has them. */
        long out();

        /** Whether it wants all states before the encoder's last layer, and not the one embedding. */
        default boolean wantsStates() {
            return true;
        }

        /** How many tokens stand for a picture of which the encoder makes so many states. */
        long tokens(long states);
    }

    /** A linear map of the embedding to some tokens (Ye et al. 2023, section 3.2.1). */
    public record Basic(long in, long out, long tokens) implements Projection {
        @Override
        public boolean wantsStates() {
            return false;
        }

        @Override
        public long tokens(long states) {
            return tokens;
        }
    }

    /** A perceptron of each state. */
    public record FullFace(long in, long out, long inner) implements Projection {
        @Override
        public long tokens(long states) {
            return states;
        }
    }

    /**
     * Learned queries that look at the states (Alayrac et al. 2022, section 3.1.1).
     *
     * @param size of a query
     * @param heads of 64 numbers
     * @param inner size of the perceptrons
     */
    public record Plus(long in, long out, long size, long queries, long heads, long inner, int layers)
            implements Projection {
        @Override
        public long tokens(long states) {
            return queries;
        }
    }

    /**
     * An attention of a U-Net to the text.
     *
     * @param path of its transformer block, with a dot at the end
     */
    record Attention(String path, long size, long contextSize) {
        /** Name of its transformer, such as {@code up.0.1} or {@code mid}. */
        String transformer() {
            String[] parts = path.split("\\.", -1);
            return path.startsWith("mid_block")
                    ? "mid"
                    : "%s.%s.%s".formatted(parts[0].replace("_blocks", ""), parts[1], parts[3]);
        }
    }

    public IpAdapterConfig {
        sizes = List.copyOf(sizes);
    }

    /**
     * Looks at a file of the published layout.
     *
     * @throws WeightsException if it is no IP-Adapter, or one of another kind
     */
    public static IpAdapterConfig of(TensorFile file) {
        List<Long> sizes = IntStream.iterate(1, i -> file.keys().contains(key(i)), i -> i + 2)
                .mapToObj(i -> size(file, key(i), 0))
                .toList();
        if (sizes.isEmpty()) {
            throw new WeightsException(
                    file.path(), null, "is no IP-Adapter: it has no [%s] beside image_proj".formatted(key(1)));
        }
        return new IpAdapterConfig(projection(file), sizes);
    }

    private static String key(int number) {
        return "ip_adapter.%d.to_k_ip.weight".formatted(number);
    }

    private static Projection projection(TensorFile file) {
        String root = "image_proj.";
        if (file.keys().contains(root + "proj.weight")) {
            long out = size(file, root + "norm.weight", 0);
            return new Basic(size(file, root + "proj.weight", 1), out, size(file, root + "proj.weight", 0) / out);
        }
        if (file.keys().contains(root + "proj.3.weight")) {
            return new FullFace(
                    size(file, root + "proj.0.weight", 1),
                    size(file, root + "proj.3.weight", 0),
                    size(file, root + "proj.0.weight", 0));
        }
        if (!file.keys().contains(root + "latents")) {
            throw new WeightsException(
                    file.path(),
                    null,
                    "is an IP-Adapter for face embeddings (FaceID), which there is no encoder for:"
                            + " take a basic, plus, plus-face or full-face one");
        }
        int layers = 0;
        while (file.keys().contains("%slayers.%d.0.to_q.weight".formatted(root, layers))) {
            layers++;
        }
        return new Plus(
                size(file, root + "proj_in.weight", 1),
                size(file, root + "proj_out.weight", 0),
                size(file, root + "latents", 2),
                size(file, root + "latents", 1),
                size(file, root + "layers.0.0.to_q.weight", 0) / Resampler.HEAD,
                size(file, root + "layers.0.1.1.weight", 0),
                layers);
    }

    private static long size(TensorFile file, String key, int dim) {
        TensorInfo info = file.tensors().get(key);
        if (info == null || info.shape().size() <= dim) {
            throw new WeightsException(file.path(), key, "is missing, or has too few dimensions for an IP-Adapter");
        }
        return info.shape().get(dim);
    }

    /** The attentions to the text in the order in which adapters number them: down, up, middle. */
    static List<Attention> attentions(UNetConfig unet) {
        List<Attention> all = new ArrayList<>();
        for (int i = 0; i < unet.down().size(); i++) {
            add(all, "down_blocks." + i, unet.down().get(i), unet.down().get(i).depths());
        }
        for (int i = 0; i < unet.up().size(); i++) {
            add(all, "up_blocks." + i, unet.up().get(i), unet.up().get(i).depths());
        }
        if (unet.middle() == UNetConfig.Middle.ATTENTION) {
            UNetConfig.Stage coarsest = unet.down().get(unet.down().size() - 1);
            UNetConfig.Stage middle = new UNetConfig.Stage(
                    coarsest.channels(),
                    true,
                    false,
                    coarsest.heads(),
                    coarsest.contextSize(),
                    coarsest.depths().subList(0, 1));
            add(all, "mid_block", middle, middle.depths());
        }
        return all;
    }

    private static void add(List<Attention> all, String block, UNetConfig.Stage stage, List<Integer> depths) {
        for (int j = 0; stage.attention() && j < depths.size(); j++) {
            for (int k = 0; k < depths.get(j); k++) {
                String path = "%s.attentions.%d.transformer_blocks.%d.".formatted(block, j, k);
                all.add(new Attention(path, stage.channels(), stage.contextSize()));
            }
        }
    }

    /**
     * The transformer blocks of a U-Net whose attentions look at the tokens, in the order of the sizes.
     *
     * @throws IllegalArgumentException if the adapter was made for a U-Net of another shape
     */
    public List<String> paths(UNetConfig unet) {
        return attentionsOf(unet).stream().map(Attention::path).toList();
    }

    /** @throws IllegalArgumentException if the adapter was made for a U-Net of another shape */
    List<Attention> attentionsOf(UNetConfig unet) {
        List<Attention> there = attentions(unet);
        boolean fits = there.stream().map(Attention::size).toList().equals(sizes)
                && there.stream().allMatch(a -> a.contextSize() == projection.out());
        if (!fits) {
            long context = there.isEmpty() ? 0 : there.get(0).contextSize();
            throw new IllegalArgumentException(
                    "IP-Adapter: is made for a U-Net of %d attentions to texts of %d numbers a token, got one of %d and %d: take the adapter for this kind of checkpoint"
                            .formatted(sizes.size(), projection.out(), there.size(), context));
        }
        return there;
    }
}
