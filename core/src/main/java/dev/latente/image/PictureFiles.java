package dev.latente.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
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
        return open(file, reader -> {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > MAX_PIXELS) {
                throw new IllegalArgumentException("%s: picture of %dx%d is too large (limit %d pixels)"
                        .formatted(file, reader.getWidth(0), reader.getHeight(0), MAX_PIXELS));
            }
            return Picture.of(reader.read(0));
        });
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
        byte[] bytes = png(picture, text);
        Path folder = file.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
            Path temporary = Files.createTempFile(folder, ".latente", ".png");
            try {
                Files.write(temporary, bytes);
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
        BufferedImage image = picture.toBufferedImage();
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
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IllegalArgumentException(
                        "%s: is not a picture that can be read: use PNG, JPEG, WebP, BMP or GIF".formatted(file));
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return body.from(reader);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new IllegalArgumentException("%s: picture is broken: %s".formatted(file, e.getMessage()), e);
        }
    }
}
