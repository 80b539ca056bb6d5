package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The shell script, in a checkout that is built: its jar has the classes that are tested. */
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path home;

    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void builds() throws IOException {
        home = Files.createDirectory(folder.resolve("a home"));
        Files.copy(Path.of("..", "latente"), home.resolve("latente"));
        Files.createFile(home.resolve("pom.xml"));
        for (String module : List.of("core", "training", "mundo", "cli")) {
            Files.createDirectories(home.resolve(module).resolve("src/main"));
            Files.createFile(home.resolve(module).resolve("pom.xml"));
        }
        Files.createDirectories(target());
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        main.put(
                Attributes.Name.CLASS_PATH,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toUri().toString())
                        .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(target().resolve("latente-cli.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
        Files.writeString(target().resolve("built"), "\n");
    }

    @Test
    void anArchiveThatIsBrokenIsDoneWithout() throws Exception {
        Files.writeString(archive(), "not an archive");
        assertThat(run(Map.of(), "--version")).isEqualTo(new Outcome(0, "latente " + Main.VERSION + "\n", ""));
    }

    @Test
    void anArchiveThatCannotBeMadeIsTriedOnce() throws Exception {
        Map<String, String> nowhere =
                Map.of("LATENTE_HOME", home.resolve("pom.xml").toString());
        Outcome first = run(nowhere, "prune");
        assertThat(first.status).isEqualTo(Main.USAGE);
        assertThat(first.err).contains("latente: keeping the classes of Java");
        assertThat(Files.size(archive())).isZero();
        assertThat(target().toFile().list())
                .containsExactlyInAnyOrder(
                        "built", "latente-cli.jar", archive().getFileName().toString());

        Outcome second = run(nowhere, "prune");
        assertThat(second.status).isEqualTo(Main.USAGE);
        assertThat(second.err).doesNotContain("keeping the classes");
    }

    @Test
    void whatComputesNothingMakesNoArchiveAndLoadsNoNatives() throws Exception {
        for (List<String> command :
                List.of(List.of("--help"), List.of("generate", "--help"), List.of("inspect", "nothing"))) {
            Path loaded = folder.resolve("classes.txt");
            Outcome outcome =
                    run(Map.of("LATENTE_JAVA_ARGS", "-Xlog:class+load:file=" + loaded), command.toArray(String[]::new));
            assertThat(outcome.err).doesNotContain("keeping the classes");
            assertThat(Files.readString(loaded))
                    .contains("dev.latente.cli.Main ")
                    .doesNotContain("org.bytedeco.javacpp.Loader ");
        }
        assertThat(archive()).doesNotExist();
    }

    @Test
    void aFolderThatIsReadOnlyStaysAsItIs() throws Exception {
        assumeTrue(
                target().toFile().setWritable(false) && !Files.isWritable(target()),
                "runs as a user who may write anywhere");
        try {
            Outcome outcome = run(Map.of(), "prune");
            assertThat(outcome.status).isEqualTo(Main.USAGE);
            assertThat(outcome.err).doesNotContain("keeping the classes");
        } finally {
            assertThat(target().toFile().setWritable(true)).isTrue();
        }
    }

    private Path target() {
        return home.resolve("cli/target");
    }

    private Path archive() {
        return target().resolve("classes-%d.jsa".formatted(Runtime.version().feature()));
    }

    private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("sh", home.resolve("latente").toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("LATENTE_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return new Outcome(builder.start().waitFor(), Files.readString(out), Files.readString(err));
    }
}
