package dev.latente.image;

import dev.latente.tensor.Ops;
import java.util.function.IntUnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Pictures on their way into the VAE and out of it, as diffusers' {@code VaeImageProcessor} prepares them. */
public final class VaeImages {
    private VaeImages() {}

    /** How a picture meets a size of another aspect ratio. */
    public enum Fit {
        /** Stretched. */
        STRETCH,
        /** Scaled to lie inside; the borders repeat its edge. */
        FILL,
        /** Scaled to cover; what sticks out is cut. */
        CROP
    }

    /** The largest size not above the picture's whose sides are multiples of {@code multiple}: width, height. */
    public static int[] size(Picture picture, int multiple) {
        IntUnaryOperator lower = n -> n - n % multiple;
        return new int[] {lower.applyAsInt(picture.width()), lower.applyAsInt(picture.height())};
    }

    /** Resized with Lanczos, then fp32 [1,3,H,W] in [-1,1]. */
    public static Tensor image(Picture picture, int width, int height, Fit fit) {
        return normalize(fit(picture.rgb(), width, height, fit).toTensor());
    }

    /** Resized with Lanczos, gray, then 1 where the value is at least one half: fp32 [1,1,H,W], 1 is repainted. */
    public static Tensor mask(Picture picture, int width, int height, Fit fit) {
        return binarize(softMask(picture, width, height, fit));
    }

    /** As {@link #mask}, with its shades: fp32 [1,1,H,W] in [0,1]. */
    public static Tensor softMask(Picture picture, int width, int height, Fit fit) {
        return fit(picture.rgb(), width, height, fit).gray().toTensor();
    }

    /** 1 where a value is at least one half, else 0. */
    public static Tensor binarize(Tensor mask) {
        return Ops.to(Ops.atLeast(mask, 0.5), Ops.dtype(mask));
    }

    /** [0,1] to [-1,1]. */
    public static Tensor normalize(Tensor x) {
        return Ops.sub(Ops.mul(x, 2), 1);
    }

    /** [-1,1] to [0,1], clamped. */
    public static Tensor denormalize(Tensor x) {
        return Ops.clamp(Ops.add(Ops.mul(x, 0.5), 0.5), 0, 1);
    }

    /** The picture at a size, in pixels. */
    public static Picture fit(Picture picture, int width, int height, Fit fit) {
        if (fit == Fit.STRETCH) {
            return Resize.to(picture, width, height, Resize.Filter.LANCZOS);
        }
        double ratio = (double) width / height;
        double sourceRatio = (double) picture.width() / picture.height();
        boolean byWidth = fit == Fit.FILL ? ratio < sourceRatio : ratio > sourceRatio;
        int w = byWidth ? width : (int) ((long) picture.width() * height / picture.height());
        int h = byWidth || (ratio == sourceRatio && fit == Fit.CROP)
                ? (int) ((long) picture.height() * width / picture.width())
                : height;
        Picture scaled = Resize.to(picture, w, h, Resize.Filter.LANCZOS);
        int left = width / 2 - Math.floorDiv(w, 2);
        int top = height / 2 - Math.floorDiv(h, 2);
        Picture out = Picture.filled(width, height, picture.channels(), 0).paste(scaled, left, top);
        if (fit == Fit.FILL && ratio < sourceRatio && top > 0) {
            out = out.paste(edge(scaled, 0, 0, width, 0, width, top), 0, 0);
            out = out.paste(edge(scaled, 0, h, width, h, width, top), 0, top + h);
        } else if (fit == Fit.FILL && ratio > sourceRatio && left > 0) {
            out = out.paste(edge(scaled, 0, 0, 0, height, left, height), 0, 0);
            out = out.paste(edge(scaled, w, 0, w, height, left, height), left + w, 0);
        }
        return out;
    }

    private static Picture edge(Picture p, double x0, double y0, double x1, double y1, int width, int height) {
        return Resize.box(p, x0, y0, x1, y1, width, height, Resize.Filter.BICUBIC);
    }
}
