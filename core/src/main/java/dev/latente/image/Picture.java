package dev.latente.image;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * An 8-bit picture. Immutable as long as nobody writes to its array.
 *
 * @param width in pixels
 * @param height in pixels
 * @param channels 1 (gray) or 3 (red, green, blue)
 * @param data rows from the top, the channels of a pixel side by side
 */
@SuppressWarnings("ArrayRecordComponent") // compared with equals below; copying megabytes at every access would not do
public record Picture(int width, int height, int channels, byte[] data) {
    public Picture {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("picture has %d channels: 1 or 3 are possible".formatted(channels));
        }
        if (width <= 0 || height <= 0 || data.length != (long) width * height * channels) {
            throw new IllegalArgumentException(
                    "picture of %dx%dx%d does not fit %d bytes".formatted(width, height, channels, data.length));
        }
    }

    /** A picture of one colour. */
    public static Picture filled(int width, int height, int channels, int value) {
        byte[] data = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
        Arrays.fill(data, (byte) value);
        return new Picture(width, height, channels, data);
    }

    /** The colours of a Java2D picture; transparency is dropped. */
    public static Picture of(BufferedImage image) {
        int w = image.getWidth();
        int h = image.getHeight();
        boolean gray = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && image.getSampleModel().getDataType() == java.awt.image.DataBuffer.TYPE_BYTE;
        if (gray) {
            // Java2D would apply a gamma curve on the way from gray to RGB; the samples are what the file says.
            byte[] data = new byte[w * h];
            int[] row = new int[w];
            for (int y = 0; y < h; y++) {
                image.getRaster().getSamples(0, y, w, 1, 0, row);
                for (int x = 0; x < w; x++) {
                    data[y * w + x] = (byte) row[x];
                }
            }
            return new Picture(w, h, 1, data);
        }
        BufferedImage source = image;
        if (!image.getColorModel().getColorSpace().isCS_sRGB()) {
            source = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
            new ColorConvertOp(null).filter(image, source);
        }
        int[] pixels = source.getRGB(0, 0, w, h, null, 0, w);
        byte[] data = new byte[w * h * 3];
        for (int i = 0; i < pixels.length; i++) {
            data[3 * i] = (byte) (pixels[i] >> 16);
            data[3 * i + 1] = (byte) (pixels[i] >> 8);
            data[3 * i + 2] = (byte) pixels[i];
        }
        return new Picture(w, h, 3, data);
    }

    /** For Java2D and ImageIO. */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(
                width, height, channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        if (channels == 1) {
            image.getRaster().setDataElements(0, 0, width, height, data);
            return image;
        }
        int[] pixels = new int[width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (data[3 * i] & 255) << 16 | (data[3 * i + 1] & 255) << 8 | (data[3 * i + 2] & 255);
        }
        image.setRGB(0, 0, width, height, pixels, 0, width);
        return image;
    }

    /** Value of one channel of a pixel, 0 to 255. */
    public int at(int x, int y, int channel) {
        return data[(y * width + x) * channels + channel] & 255;
    }

    /** Three equal channels from a gray picture; a colour picture as it is. */
    public Picture rgb() {
        if (channels == 3) {
            return this;
        }
        byte[] out = new byte[data.length * 3];
        for (int i = 0; i < out.length; i++) {
            out[i] = data[i / 3];
        }
        return new Picture(width, height, 3, out);
    }

    /** Luma after ITU-R BT.601 in 16-bit fixed point, as Pillow's {@code convert("L")}. */
    public Picture gray() {
        if (channels == 1) {
            return this;
        }
        byte[] out = new byte[width * height];
        for (int i = 0; i < out.length; i++) {
            int r = data[3 * i] & 255;
            int g = data[3 * i + 1] & 255;
            int b = data[3 * i + 2] & 255;
            out[i] = (byte) ((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);
        }
        return new Picture(width, height, 1, out);
    }

    /** The rectangle [x, x+w) × [y, y+h); what lies outside the picture is black. */
    public Picture crop(int x, int y, int w, int h) {
        return filled(w, h, channels, 0).paste(this, -x, -y);
    }

    /** This picture with another laid over it at (x, y); what sticks out is cut. */
    public Picture paste(Picture other, int x, int y) {
        if (other.channels != channels) {
            throw new IllegalArgumentException(
                    "a picture of %d channels cannot hold one of %d".formatted(channels, other.channels));
        }
        Picture out = new Picture(width, height, channels, data.clone());
        other.copyTo(out, x, y);
        return out;
    }

    /** Lays this picture over one of as many channels that nobody else has seen yet; what sticks out is cut. */
    public void copyTo(Picture under, int x, int y) {
        int from = Math.max(0, x);
        int to = Math.min(under.width, x + width);
        for (int row = Math.max(0, y); row < Math.min(under.height, y + height) && to > from; row++) {
            System.arraycopy(
                    data,
                    ((row - y) * width + from - x) * channels,
                    under.data,
                    (row * under.width + from) * channels,
                    (to - from) * channels);
        }
    }

    /** Ratio of the peak to the noise of another picture of this one's size, in dB; infinite for an equal one. */
    public double psnr(Picture other) {
        if (other.width != width || other.height != height || other.channels != channels) {
            throw new IllegalArgumentException("pictures of different sizes: [%s] and [%s]".formatted(this, other));
        }
        double sum = 0;
        for (int i = 0; i < data.length; i++) {
            int difference = (data[i] & 255) - (other.data[i] & 255);
            sum += difference * difference;
        }
        return 10 * Math.log10(255.0 * 255.0 * data.length / sum);
    }

    /** fp32 [1,C,H,W] in [0,1]. */
    public Tensor toTensor() {
        Tensor bytes = Ops.ofBytes(data, DType.U8, 1, height, width, channels);
        return Ops.div(Ops.to(bytes, DType.F32), 255).permute(0, 3, 1, 2).contiguous();
    }

    /** One picture of each image of a batch; x [B,C,H,W] in [0,1], rounded half to even. */
    public static Picture[] fromTensor(Tensor x) {
        int b = (int) x.size(0);
        int c = (int) x.size(1);
        int h = (int) x.size(2);
        int w = (int) x.size(3);
        Tensor scaled = Ops.clamp(Ops.mul(Ops.to(x, DType.F32, Device.CPU), 255).round(), 0, 255);
        byte[] all = Ops.bytes(Ops.to(scaled, DType.U8).permute(0, 2, 3, 1).contiguous());
        Picture[] out = new Picture[b];
        for (int i = 0; i < b; i++) {
            out[i] = new Picture(w, h, c, Arrays.copyOfRange(all, i * c * h * w, (i + 1) * c * h * w));
        }
        return out;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Picture p
                && p.width == width
                && p.height == height
                && p.channels == channels
                && Arrays.equals(p.data, data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "Picture[%dx%d, %d channels]".formatted(width, height, channels);
    }
}
