package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.fail;

import dev.latente.tensor.Scopes;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Finds reference cases. The trees are those named by {@code -Dlatente.golden=DIR[:DIR]}; without it the test resources and
 * {@code ../shared/golden} beside the checkout, where there is one. {@code -Dlatente.golden.areas=a,b} asks for areas by
 * name; an area that is asked for, or whose folder is there, must have cases.
 */
public final class Golden {
    private Golden() {}

    /** One dynamic test for each case of the area; prints how many there are. */
    public static Stream<DynamicTest> tests(String area, Consumer<GoldenCase> check) {
        return tests(area, c -> true, check);
    }

    /** As {@link #tests(String, Consumer)}, for areas of which a test covers a part. */
    public static Stream<DynamicTest> tests(String area, Predicate<GoldenCase> filter, Consumer<GoldenCase> check) {
        return tests(area, filter, c -> List.of(""), (c, whole) -> check.accept(c));
    }

    /** One dynamic test for each variant of each case. */
    public static Stream<DynamicTest> tests(
            String area,
            Predicate<GoldenCase> filter,
            Function<GoldenCase, Collection<String>> variants,
            BiConsumer<GoldenCase, String> check) {
        List<GoldenCase> all = cases(area);
        List<GoldenCase> cases = all.stream().filter(filter).toList();
        String asked = System.getProperty("latente.golden.areas", "");
        boolean named = Arrays.asList(asked.split(",", -1)).contains(area);
        boolean there = trees().stream().anyMatch(t -> Files.isDirectory(t.resolve(area)));
        if (!asked.isEmpty() && !named) {
            return Stream.empty();
        }
        System.out.printf("golden %s: %d cases%n", area, cases.size());
        if (all.isEmpty()) {
            if (!there && !named && !trees().isEmpty()) {
                return Stream.empty();
            }
            return Stream.of(DynamicTest.dynamicTest(
                    area + " has cases", () -> fail("golden area [%s] has no cases in %s".formatted(area, trees()))));
        }
        return cases.stream()
                .flatMap(c -> variants.apply(c).stream()
                        .map(variant -> DynamicTest.dynamicTest(
                                variant.isEmpty() ? c.toString() : c + "/" + variant,
                                () -> Scopes.run(() -> {
                                    try (c) {
                                        check.accept(c, variant);
                                    }
                                }))));
    }

    /** All cases of an area, of all trees; without named trees, those of the resources only where no other has them. */
    public static List<GoldenCase> cases(String area) {
        List<GoldenCase> found = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Path tree : trees()) {
            Path folder = tree.resolve(area);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> list = Files.list(folder)) {
                list.filter(d -> Files.exists(d.resolve("case.json")))
                        .sorted()
                        .filter(d -> named() || !names.contains(d.getFileName().toString()))
                        .forEach(d -> found.add(new GoldenCase(tree, area, d)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            found.forEach(c -> names.add(c.name()));
        }
        return found;
    }

    private static boolean named() {
        return !System.getProperty("latente.golden", "").isBlank();
    }

    static List<Path> trees() {
        String property = System.getProperty("latente.golden", "");
        List<Path> trees = new ArrayList<>();
        if (!property.isBlank()) {
            for (String dir : property.split(File.pathSeparator, -1)) {
                Path path = Path.of(dir);
                // Surefire runs in the module's folder; the command was typed in the one above it.
                trees.add(
                        path.isAbsolute() || Files.isDirectory(path)
                                ? path
                                : Path.of("..").resolve(path));
            }
            return trees;
        }
        // The shared tree holds what the test resources hold and more.
        for (Path base : List.of(
                Path.of("../../shared/golden"), Path.of("../shared/golden"), Path.of("src/test/resources/golden"))) {
            if (Files.isDirectory(base)) {
                trees.add(base);
            }
        }
        return trees;
    }
}
