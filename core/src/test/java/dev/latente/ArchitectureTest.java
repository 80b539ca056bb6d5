package dev.latente;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The floors of the house and its habits, as {@code docs/architecture.md} has them. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/latente");

    private static final JavaClasses CLASSES = new ClassFileImporter().importPath("target/classes");

    @Test
    void aFloorStandsOnTheFloorsBelowIt() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("profile")
                .definedBy("dev.latente.profile..")
                .layer("tensor")
                .definedBy("dev.latente.tensor..")
                .layer("weights")
                .definedBy("dev.latente.weights..")
                .layer("nn")
                .definedBy("dev.latente.nn..")
                .layer("text")
                .definedBy("dev.latente.text..")
                .layer("image")
                .definedBy("dev.latente.image..")
                .layer("diffusion")
                .definedBy("dev.latente.diffusion..")
                .layer("models")
                .definedBy("dev.latente.models..")
                .layer("pipelines")
                .definedBy("dev.latente.pipelines..")
                .whereLayer("profile")
                .mayNotAccessAnyLayer()
                .whereLayer("tensor")
                .mayOnlyAccessLayers("profile")
                .whereLayer("weights")
                .mayOnlyAccessLayers("tensor")
                .whereLayer("nn")
                .mayOnlyAccessLayers("tensor", "weights")
                // Tokenizers read JSON, and say which file was wrong as the weights do.
                .whereLayer("text")
                .mayOnlyAccessLayers("weights")
                .whereLayer("image")
                .mayOnlyAccessLayers("tensor")
                .whereLayer("diffusion")
                .mayOnlyAccessLayers("profile", "tensor")
                .whereLayer("models")
                .mayOnlyAccessLayers("tensor", "weights", "nn", "text")
                .whereLayer("pipelines")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void everyClassLivesOnAFloor() {
        noClasses()
                .should()
                .resideOutsideOfPackages(
                        "dev.latente.profile..",
                        "dev.latente.tensor..",
                        "dev.latente.weights..",
                        "dev.latente.nn..",
                        "dev.latente.text..",
                        "dev.latente.image..",
                        "dev.latente.diffusion..",
                        "dev.latente.models..",
                        "dev.latente.pipelines..")
                .check(CLASSES);
    }

    @Test
    void noCycles() {
        slices().matching("dev.latente.(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching("dev.latente.models.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void textIsPlainJava() {
        noClasses()
                .that()
                .resideInAPackage("dev.latente.text..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..")
                .check(CLASSES);
    }

    @Test
    void onlyTensorNamesTheBindings() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.latente.tensor")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.bytedeco..").and(not(equivalentTo(Tensor.class))))
                .check(CLASSES);
    }

    @Test
    void aLibraryDoesNotPrint() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
    }

    @Test
    void errorsHaveATypeAndAReason() {
        NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS.check(CLASSES);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Helpers|Util|Utils|Abstract\\w*|Impl)")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(CLASSES.stream()
                        .map(JavaClass::getPackage)
                        .distinct()
                        .filter(p -> !p.isAnnotatedWith(NullMarked.class)))
                .isEmpty();
    }

    @Test
    void filesAreShort() {
        assertThat(files(SOURCES).stream().filter(f -> lines(f).count() >= 400)).isEmpty();
    }

    @Test
    void theUNetIsShort() {
        // Lines of code: what the formatter does to imports and how much is explained should not count.
        assertThat(files(SOURCES.resolve("models/unet")).stream()
                        .mapToInt(ArchitectureTest::linesOfCode)
                        .sum())
                .isLessThan(600);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int linesOfCode(Path file) {
        return (int) lines(file)
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.matches("(import|package|//|/\\*|\\*).*"))
                .count();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
