package dev.latente.pipelines;

import dev.latente.golden.ControlNetGoldenTest;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.golden.IpAdapterGoldenTest;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.Ops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole runs that ControlNets, T2I-Adapters or IP-Adapters steer. */
@Tag("golden")
class SteeringGoldenTest {
    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests(
                "control",
                c -> true,
                c -> c.json().path("variants").propertyNames(),
                (c, name) -> new Steered(c, name).check());
    }

    /** A run, and what steers it. */
    private static final class Steered {
        private final GoldenCase c;
        private final String name;
        private final GoldenRun run;
        private final GoldenRequest asked;
        private final JsonNode arguments;

        Steered(GoldenCase c, String name) {
            this.c = c;
            this.name = name;
            Path base = c.tree().resolve(c.json().path("base_model").asString());
            run = new GoldenRun(c, name, base, LoadOptions.DEFAULT);
            asked = run.asked();
            arguments = asked.arguments();
        }

        void check() {
            List<ControlModel> nets = new ArrayList<>();
            List<IpAdapterCheckpoint> adapters = new ArrayList<>();
            try {
                if (asked.steered()) {
                    boolean full = ControlNetGoldenTest.takes(c);
                    ControlNetGoldenTest.nets(c)
                            .forEach(net ->
                                    nets.add(full ? ControlNetCheckpoint.load(net) : T2IAdapterCheckpoint.load(net)));
                }
                IpAdapterGoldenTest.files(c)
                        .forEach(file -> adapters.add(IpAdapterCheckpoint.load(file, encoder(), LoadOptions.DEFAULT)));
                run.check(asked.request().withControls(controls(nets)).withPictures(pictures(adapters)));
            } finally {
                nets.forEach(ControlModel::close);
                adapters.forEach(IpAdapterCheckpoint::close);
            }
        }

        private List<PicturePrompt> pictures(List<IpAdapterCheckpoint> adapters) {
            List<PicturePrompt> pictures = new ArrayList<>();
            for (int i = 0; i < adapters.size(); i++) {
                JsonNode shown = arguments.path("ip_adapter_image").path(i);
                if (!shown.isMissingNode()) {
                    pictures.add(PicturePrompt.of(
                                    adapters.get(i),
                                    GoldenRequest.list(shown).stream()
                                            .map(p -> PictureFiles.read(
                                                    c.path(p.path("png").asString())))
                                            .toArray(Picture[]::new))
                            .withScale(pictureScale()));
                    continue;
                }
                Tensor both = c.tensor(arguments
                        .path("ip_adapter_image_embeds")
                        .get(i)
                        .path("tensor")
                        .asString());
                long rows = both.size(0);
                PicturePrompt.Embeddings embeddings = asked.guided()
                        ? new PicturePrompt.Embeddings(
                                Ops.slice(both, 0, rows / 2, rows), Ops.slice(both, 0, 0, rows / 2))
                        : new PicturePrompt.Embeddings(both, null);
                pictures.add(PicturePrompt.of(adapters.get(i), embeddings).withScale(pictureScale()));
            }
            return pictures;
        }

        private @Nullable Path encoder() {
            String folder = c.json().path("image_encoder").asString("");
            return folder.isEmpty() ? null : c.path(folder);
        }

        /** The reference sets it on the pipeline and not in the call; the notes say it. */
        private double pictureScale() {
            return c.json()
                    .path("notes")
                    .valueStream()
                    .map(JsonNode::asString)
                    .filter(note -> note.matches("%s:.*scale [0-9.]+[0-9].*".formatted(name)))
                    .mapToDouble(note -> Double.parseDouble(note.replaceAll(".*scale ([0-9.]*[0-9]).*", "$1")))
                    .findFirst()
                    .orElse(1);
        }

        private List<Control> controls(List<ControlModel> nets) {
            List<JsonNode> pictures = GoldenRequest.list(arguments.path(asked.starts() ? "control_image" : "image"));
            List<Control> controls = new ArrayList<>();
            for (int i = 0; i < nets.size(); i++) {
                Picture picture =
                        PictureFiles.read(c.path(pictures.get(i).path("png").asString()));
                controls.add(Control.of(nets.get(i), picture)
                        .withScale(number(
                                nets.get(i) instanceof T2IAdapterCheckpoint
                                        ? "adapter_conditioning_scale"
                                        : "controlnet_conditioning_scale",
                                i,
                                controlScale()))
                        .withInterval(
                                number("control_guidance_start", i, 0),
                                number("control_guidance_end", i, number("adapter_conditioning_factor", i, 1)))
                        .withGuess(arguments.path("guess_mode").asBoolean(false)));
            }
            return controls;
        }

        private double controlScale() {
            return asked.isOf("Img2Img") ? 0.8 : asked.isOf("DiffusionControlNetInpaint") ? 0.5 : 1;
        }

        /** A number for all, or one of a list. */
        private double number(String argument, int index, double standard) {
            List<JsonNode> numbers = GoldenRequest.list(arguments.path(argument));
            return numbers.isEmpty()
                    ? standard
                    : numbers.get(Math.min(index, numbers.size() - 1)).asDouble();
        }
    }
}
