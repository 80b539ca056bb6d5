package dev.latente.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.NodeList;

/** Picture files: PNG, JPEG, WebP, BMP and GIF are read, PNG is written with the text that it carries. */
public final class PictureFiles {
    /** Largest number of pixels that is decoded; a larger picture is refused from its header (Pillow's limit). */
    static final long MAX_PIXELS = 178_956_970;

    private static final String PNG = "javax_imageio_png_1.0";

    private PictureFiles() {}

    /**
     * Decodes a picture.
     *
     * @throws IllegalArgumentException if the file is not a picture that can be read
     */
    public static Picture read(Path file) {
        return open(file, reader -> decode(file.toString(), reader));
    }

    /**
     * Decodes a picture in memory.
     *
     * @param name of the picture, for errors
     * @throws IllegalArgumentException if the bytes are not a picture that can be read
     */
    public static Picture read(byte[] bytes, String name) {
        return open(bytes, name, reader -> decode(name, reader));
    }

    /** Width and height, in pixels, from the head of the file. */
    public static int[] size(Path file) {
        return open(file, PictureFiles::size);
    }

    /** Width and height, in pixels, of a picture in memory. */
    public static int[] size(byte[] bytes, String name) {
        return open(bytes, name, PictureFiles::size);
    }

    private static int[] size(ImageReader reader) throws IOException {
        return new int[] {reader.getWidth(0), reader.getHeight(0)};
    }

    /** The opacity of each pixel, gray, 255 for opaque; null for a picture that has none. */
    public static @Nullable Picture alpha(Path file) {
        BufferedImage image = open(file, reader -> reader.read(0));
        if (!image.getColorModel().hasAlpha()) {
            return null;
        }
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        byte[] data = new byte[pixels.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (pixels[i] >>> 24);
        }
        return new Picture(image.getWidth(), image.getHeight(), 1, data);
    }

    private static Picture decode(String name, ImageReader reader) throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
            throw new IllegalArgumentException("%s: picture of %dx%d is too large (limit %d pixels)"
                    .formatted(name, reader.getWidth(0), reader.getHeight(0), MAX_PIXELS));
        }
        // A JPEG that ends early is decoded with gray below and a warning only.
        List<String> cutOff = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> {
            if (warning.contains("premature end of data")) {
                cutOff.add(warning);
            }
        });
        Picture picture = Picture.of(reader.read(0));
        if (!cutOff.isEmpty()) {
            throw new IOException("it is cut off");
        }
        return picture;
    }

    /** The text chunks of a PNG by keyword, such as {@code parameters}; empty for other formats. */
    public static Map<String, String> text(Path file) {
        return open(file, reader -> {
            Map<String, String> out = new LinkedHashMap<>();
            IIOMetadata metadata = reader.getImageMetadata(0);
            if (metadata == null || !PNG.equals(metadata.getNativeMetadataFormatName())) {
                return out;
            }
            IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(PNG);
            collect(root, "tEXtEntry", "value", out);
            collect(root, "zTXtEntry", "text", out);
            collect(root, "iTXtEntry", "text", out);
            return out;
        });
    }

    /** A PNG that carries the texts; the file appears whole or not at all. */
    public static void writePng(Path file, Picture picture, Map<String, String> text) {
        writePng(file, picture, null, text);
    }

    /**
     * As {@link #writePng(Path, Picture, Map)}, of a picture with opacity.
     *
     * @param alpha gray, of the picture's size, or null
     */
    public static void writePng(Path file, Picture picture, @Nullable Picture alpha, Map<String, String> text) {
        byte[] bytes = png(alpha == null ? picture.toBufferedImage() : withAlpha(picture, alpha), text);
        Path folder = file.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
            // Not createTempFile, whose files nobody else may read.
            Path temporary = file.resolveSibling(".latente-" + UUID.randomUUID() + ".png");
            try {
                Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW);
                move(temporary, file);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The bytes of a PNG that carries the texts: Latin-1 as {@code tEXt}, anything else as {@code iTXt} in UTF-8. */
    public static byte[] png(Picture picture, Map<String, String> text) {
        return png(picture.toBufferedImage(), text);
    }

    private static BufferedImage withAlpha(Picture picture, Picture alpha) {
        if (alpha.width() != picture.width() || alpha.height() != picture.height() || alpha.channels() != 1) {
            throw new IllegalArgumentException(
                    "opacity: got [%s], wanted a gray picture of the size of [%s]".formatted(alpha, picture));
        }
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_ARGB);
        int[] pixels = picture.rgb()
                .toBufferedImage()
                .getRGB(0, 0, picture.width(), picture.height(), null, 0, picture.width());
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (pixels[i] & 0xffffff) | alpha.data()[i] << 24;
        }
        image.setRGB(0, 0, picture.width(), picture.height(), pixels, 0, picture.width());
        return image;
    }

    private static byte[] png(BufferedImage image, Map<String, String> text) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
            IIOMetadataNode root = new IIOMetadataNode(PNG);
            text.forEach((keyword, value) -> root.appendChild(chunk(keyword, value)));
            metadata.mergeTree(PNG, root);
            writer.setOutput(out);
            writer.write(new IIOImage(image, null, metadata));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static IIOMetadataNode chunk(String keyword, String value) {
        boolean latin = value.chars().allMatch(c -> c == '\n' || (c >= 32 && c < 127) || (c >= 160 && c < 256));
        IIOMetadataNode list = new IIOMetadataNode(latin ? "tEXt" : "iTXt");
        IIOMetadataNode entry = new IIOMetadataNode(latin ? "tEXtEntry" : "iTXtEntry");
        entry.setAttribute("keyword", keyword);
        entry.setAttribute(latin ? "value" : "text", value);
        if (!latin) {
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
        }
        list.appendChild(entry);
        return list;
    }

    private static void collect(IIOMetadataNode root, String entry, String attribute, Map<String, String> out) {
        NodeList nodes = root.getElementsByTagName(entry);
        for (int i = 0; i < nodes.getLength(); i++) {
            IIOMetadataNode node = (IIOMetadataNode) nodes.item(i);
            out.putIfAbsent(node.getAttribute("keyword"), node.getAttribute(attribute));
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private interface Reading<T> {
        T from(ImageReader reader) throws IOException;
    }

    private static <T> T open(Path file, Reading<T> body) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("%s: there is no such picture file".formatted(file));
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            return read(in, file.toString(), body);
        } catch (IOException e) {
            throw broken(file.toString(), e);
        }
    }

    private static <T> T open(byte[] bytes, String name, Reading<T> body) {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            return read(in, name, body);
        } catch (IOException e) {
            throw broken(name, e);
        }
    }

    private static <T> T read(ImageInputStream in, String name, Reading<T> body) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new IllegalArgumentException(
                    "%s: is not a picture that can be read: use PNG, JPEG, WebP, BMP or GIF".formatted(name));
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(in);
            return body.from(reader);
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw broken(name, e);
        } finally {
            reader.dispose();
        }
    }

    private static IllegalArgumentException broken(String name, Exception e) {
        return new IllegalArgumentException("%s: picture is broken: %s".formatted(name, e.getMessage()), e);
    }
}
