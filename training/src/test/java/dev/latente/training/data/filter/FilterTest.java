package dev.latente.training.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.Resize;
import dev.latente.training.data.Example;
import dev.latente.training.data.FolderDataset;
import dev.latente.weights.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterTest {
    private static final Path MODELS = Path.of("../core/src/test/resources/golden");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    /** Smooth patches of colour, another for each seed. */
    private static Picture patches(long seed, int width, int height) {
        Random random = new Random(seed);
        byte[] data = new byte[6 * 6 * 3];
        random.nextBytes(data);
        return Resize.to(new Picture(6, 6, 3, data), width, height, Resize.Filter.BICUBIC);
    }

    private static Picture compressed(Picture picture) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture.toBufferedImage(), "jpg", out);
        return PictureFiles.read(out.toByteArray(), "jpeg");
    }

    private static Example example(String name, Picture picture, String... captions) {
        return new Example(name, picture, List.of(captions));
    }

    @Test
    void scaledAndCompressedCopiesAreDuplicates() throws IOException {
        DuplicateRule rule = new DuplicateRule(4);
        for (int seed = 0; seed < 50; seed++) {
            assertThat(rule.objection(example("original " + seed, patches(seed, 90, 70))))
                    .isEmpty();
        }
        for (int seed = 0; seed < 50; seed++) {
            Picture copy = compressed(patches(seed, 120, 93));
            assertThat(rule.objection(example("copy", copy)).orElse(""))
                    .startsWith("looks like original " + seed + ",");
        }
    }

    @Test
    void flatPicturesOfOtherColoursAreNoDuplicates() {
        DuplicateRule rule = new DuplicateRule(0);
        assertThat(rule.objection(example("black", Picture.filled(40, 40, 3, 0))))
                .isEmpty();
        assertThat(rule.objection(example("gray", Picture.filled(40, 40, 3, 128))))
                .isEmpty();
        assertThat(rule.objection(example("black again", Picture.filled(64, 64, 3, 0))))
                .contains("looks like black, distance 0");
    }

    @Test
    void hashesDifferInTheBitsThatTheirFrequenciesDifferIn() {
        PerceptualHash a = PerceptualHash.of(patches(1, 64, 64));
        assertThat(a.distance(a)).isZero();
        assertThat(a.distance(PerceptualHash.of(patches(2, 64, 64)))).isGreaterThan(16);
        assertThat(new PerceptualHash(0, 0x102030).colourDistance(new PerceptualHash(0, 0x112540)))
                .isEqualTo(16);
    }

    @Test
    void languagesAreTold() {
        Map<String, String> texts = Map.of(
                "A red cat sitting on a table", "en",
                "Un gato rojo sobre la mesa y una taza", "es",
                "Ein roter Hund auf dem Tisch", "de",
                "Un chat rouge assis sur une table avec des fleurs", "fr",
                "Um gato em uma mesa com não sei o quê", "pt",
                "赤い猫がテーブルの上に座っている", "ja",
                "一只红色的猫坐在桌子上", "zh",
                "Красная кошка сидит на столе", "ru",
                "빨간 고양이", "ko");
        texts.forEach((text, language) -> assertThat(Language.of(text)).as(text).contains(language));
        assertThat(Language.of("1girl, solo, smile")).isEmpty();
        assertThat(Language.of("")).isEmpty();
        assertThat(Language.of("42 🐈")).isEmpty();
        assertThatThrownBy(() -> new LanguageRule(Set.of("xx")))
                .hasMessageContaining("[xx]")
                .hasMessageContaining("en");
    }

    @Test
    void theReportSaysWhatWasDroppedAndTheRestIsADataset() throws IOException {
        Path pictures = folder.resolve("pictures with `odd` 鳥 names");
        List<String> lines = new ArrayList<>();
        Map<String, Picture> all = Map.of(
                "good.png", patches(1, 64, 64),
                "copy.png", patches(1, 96, 96),
                "small.png", patches(2, 20, 64),
                "strip.png", patches(3, 400, 64),
                "spanish.png", patches(4, 64, 64));
        for (Map.Entry<String, Picture> e : all.entrySet()) {
            PictureFiles.writePng(pictures.resolve(e.getKey()), e.getValue(), Map.of());
            String text = e.getKey().equals("spanish.png") ? "un gato en la mesa" : "a cat on the table";
            lines.add(Json.text(Map.of("file_name", e.getKey(), "text", text)));
        }
        Files.writeString(pictures.resolve("broken.jpg"), "no picture");
        lines.add(Json.text(Map.of("file_name", "broken.jpg", "text", "a cat")));
        Files.write(pictures.resolve("metadata.jsonl"), lines);

        List<Integer> seen = new ArrayList<>();
        DatasetFilter filter = new DatasetFilter(List.of(
                new SizeRule(32),
                new AspectRule(3),
                new CaptionRule(3),
                new LanguageRule(Set.of("en")),
                new DuplicateRule(4)));
        FolderDataset data = FolderDataset.open(pictures);
        FilterReport report = filter.run(data, seen::add);
        assertThat(seen).containsExactly(1, 2, 3, 4, 5, 6);
        // The names are in order: the copy comes first, so that the original is the duplicate.
        assertThat(report.dropped())
                .extracting(FilterReport.Dropped::name, FilterReport.Dropped::rule)
                .containsExactly(
                        tuple("broken.jpg", "unreadable"),
                        tuple("good.png", "duplicate"),
                        tuple("small.png", "size"),
                        tuple("spanish.png", "language"),
                        tuple("strip.png", "aspect"));

        for (boolean copy : new boolean[] {false, true}) {
            Path out = folder.resolve("out " + copy);
            FilteredSet.write(data, report, out, copy);
            FolderDataset left = FolderDataset.open(out);
            assertThat(left.size()).isEqualTo(1);
            assertThat(left.get(0).picture()).isEqualTo(patches(1, 96, 96));
            assertThat(left.get(0).captions()).containsExactly("a cat on the table");
            assertThat(left.name(0).startsWith("..")).isEqualTo(!copy);
            assertThat(Files.readString(out.resolve("report.md"))).contains("| duplicate | 1 | 16.7 % |", "`good.png`");
            assertThat(Json.read(out.resolve("report.json"))
                            .path("dropped")
                            .path("size")
                            .asInt())
                    .isEqualTo(1);
            assertThat(PictureFiles.size(out.resolve("dropped.png"))[0]).isGreaterThan(1000);
        }
    }

    @Test
    void modelsJudge() {
        Path clip = MODELS.resolve("clip/vision_with_projection/image_encoder");
        Path predictor = MODELS.resolve("clip/aesthetic/aesthetic.safetensors");
        Example example = example("x", patches(1, 64, 64));
        try (AestheticRule all = new AestheticRule(clip, predictor, -1e9);
                AestheticRule none = new AestheticRule(clip, predictor, 1e9);
                UnsafeRule unsafe = new UnsafeRule(MODELS.resolve("safety/checker/safety_checker"))) {
            assertThat(all.objection(example)).isEmpty();
            assertThat(none.objection(example).orElse("")).startsWith("score ");
            assertThat(unsafe.objection(example).orElse("near to")).startsWith("near to");
        }
    }
}
