package dev.latente.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Pictures on the disk. */
class PictureFilesTest {
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whoMayReadOtherFilesMayReadAPicture(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "");
        Path picture = folder.resolve("picture.png");
        PictureFiles.writePng(picture, Picture.filled(2, 2, 3, 0), Map.of());
        assertThat(Files.getPosixFilePermissions(picture)).isEqualTo(Files.getPosixFilePermissions(plain));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(plain, picture);
        }
    }
}
