package dev.latente.training.report;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.vae.Autoencoder;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.training.Trainer;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Pictures, and beside each what an autoencoder that is being trained makes of it, with the ratio of peak to noise. */
public final class VaeSamples implements Function<Trainer, List<Drawn>> {
    private final Function<Params, Autoencoder> model;
    private final List<Picture> originals;

    /** @param originals in colour, their sides multiples of the autoencoder's factor */
    public VaeSamples(Function<Params, Autoencoder> model, List<Picture> originals) {
        this.model = model;
        this.originals = List.copyOf(originals);
    }

    /** With the weights to use: their average where there is one, in fp32. */
    @Override
    public List<Drawn> apply(Trainer trained) {
        return Scopes.within(() -> {
            try (Arena arena = new Arena()) {
                Autoencoder vae = model.apply(Params.of(trained.parameters().source(trained.best(), DType.F32), arena));
                Device device = Ops.device(trained.best());
                return originals.stream()
                        .map(p -> Scopes.within(() -> pair(p, reconstruction(vae, p, device))))
                        .toList();
            }
        });
    }

    private static Picture reconstruction(Autoencoder vae, Picture original, Device device) {
        Tensor x = Ops.to(VaeImages.normalize(original.toTensor()), device);
        Tensor y = vae.pictures(vae.latents(x, (mean, std) -> mean));
        return Picture.fromTensor(VaeImages.denormalize(Ops.to(y, DType.F32, Device.CPU)))[0];
    }

    private static Drawn pair(Picture original, Picture reconstruction) {
        Picture both = Picture.filled(2 * original.width(), original.height(), original.channels(), 255)
                .paste(original, 0, 0)
                .paste(reconstruction, original.width(), 0);
        return new Drawn(String.format(Locale.ROOT, "%.1f dB", original.psnr(reconstruction)), both);
    }
}
