package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import dev.latente.weights.lora.LoraScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraTagsTest {
    private static LoraTags of(String text) {
        return LoraTags.of(Prompt.of(text).withNegative("<lora:kept:1>"));
    }

    @Test
    void tagsAreTakenOutOfThePositivePrompt() {
        LoraTags tags = of("a cat <lora:paint:0.8>, <lyco:more art:0.5:0.7> in the <lora:plain> snow");
        assertThat(tags.prompt().text()).isEqualTo("a cat , in the snow");
        assertThat(tags.prompt().negative()).isEqualTo("<lora:kept:1>");
        assertThat(tags.tags())
                .containsExactly(
                        new LoraTags.Tag("paint", LoraScale.of(0.8)),
                        new LoraTags.Tag("more art", new LoraScale(0.7, 0.5, Map.of())),
                        new LoraTags.Tag("plain", LoraScale.of(1)));
        assertThat(of("no  tags < here >").prompt().text()).isEqualTo("no  tags < here >");
        Prompt plain = Prompt.of("a <lora:x:1>").withSyntax(Prompt.Syntax.PLAIN);
        assertThat(LoraTags.of(plain)).isEqualTo(new LoraTags(plain, List.of()));
    }

    @Test
    void namedArgumentsMayStandAnywhere() {
        assertThat(of("<lora:x:te=0:0.5:lbw=IN04=0.25,down_blocks.1=2>")
                        .tags()
                        .get(0)
                        .scale())
                .isEqualTo(new LoraScale(0.5, 0, Map.of("IN04", 0.25, "down_blocks.1", 2.0)));
        assertThat(of("<lora:x:unet=2>").tags().get(0).scale()).isEqualTo(new LoraScale(2, 1, Map.of()));
        LoraScale scale = new LoraScale(0.5, 0.25, Map.of("M00", 0.0));
        assertThat(LoraScale.parse(List.of(scale.toString().split(":", -1)))).isEqualTo(scale);
    }

    @Test
    void listsOfBlocksAreCountedAsTheirLengthSays() {
        Set<String> keys = Set.of("conv_in.weight", "mid_block.attentions.0.proj_in.weight");
        for (int n : new int[] {12, 17, 20, 26}) {
            String list = "0.5" + ",1".repeat(n - 1);
            LoraScale scale = LoraScale.parse(List.of("lbw=" + list));
            assertThat(scale.blocks()).hasSize(n).containsEntry("BASE", 0.5).containsEntry("M00", 1.0);
            ToDoubleFunction<String> weights = scale.of("text_encoder", keys);
            assertThat(weights.applyAsDouble("text_model.embeddings.token_embedding.weight"))
                    .isEqualTo(0.5);
            assertThat(scale.of("unet", keys).applyAsDouble("mid_block.attentions.0.proj_in.weight"))
                    .isEqualTo(1);
        }
    }

    @Test
    void whatIsNoScaleIsRefused() {
        for (String tag : List.of(
                "<lora:x:much>",
                "<lora:x:1:2:3>",
                "<lora:x:up=1>",
                "<lora:x:lbw=1,2>",
                "<lora:x:lbw=1=2>",
                "<lora:x:>")) {
            assertThatThrownBy(() -> of(tag)).as(tag).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void namesAreThoseOfFilesFoldersAndMetadata(@TempDir Path temp) throws IOException {
        write(temp.resolve("paint.safetensors"), "oil");
        write(Files.createDirectories(temp.resolve("a/b")).resolve("Deep.safetensors"), "");
        write(Files.createDirectories(temp.resolve("owl")).resolve("pytorch_lora_weights.safetensors"), "");
        Files.writeString(temp.resolve("broken.safetensors"), "nothing");
        LoraFolder folder = new LoraFolder(temp);
        assertThat(folder.find("paint")).isEqualTo(temp.resolve("paint.safetensors"));
        assertThat(folder.find("deep")).isEqualTo(temp.resolve("a/b/Deep.safetensors"));
        assertThat(folder.find("owl")).isEqualTo(temp.resolve("owl/pytorch_lora_weights.safetensors"));
        assertThat(folder.find("oil")).isEqualTo(temp.resolve("paint.safetensors"));
        assertThat(of("x <lora:oil:2>").in(folder))
                .containsExactly(new LoadOptions.ScaledLora(temp.resolve("paint.safetensors"), LoraScale.of(2)));
        assertThatThrownBy(() -> folder.find("pant"))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("4 LoRAs", "[pant]", "did you mean paint?");
        assertThatThrownBy(() -> folder.find("../paint")).isInstanceOf(WeightsException.class);
        assertThatThrownBy(() -> new LoraFolder(temp.resolve("nowhere")).find("x"))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("no such folder");
    }

    private static void write(Path file, String outputName) {
        Scopes.run(() -> SafetensorsWriter.of(Map.of("unet.x.lora_A.weight", Ops.zeros(DType.F32, Device.CPU, 1, 1)))
                .withMetadata(outputName.isEmpty() ? Map.of() : Map.of("ss_output_name", outputName))
                .write(file));
    }
}
