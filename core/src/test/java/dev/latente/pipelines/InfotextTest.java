package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InfotextTest {
    @Test
    void readsWhatItWrites() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("Steps", "20");
        settings.put("Sampler", "dpmpp_2m");
        settings.put("Seed", "7");
        settings.put("Model", "a \"strange\", name: here");
        Infotext text = new Infotext("a cat,\nin two lines", "blurry, bad", settings);
        assertThat(Infotext.parse(text.format())).isEqualTo(text);
    }

    @Test
    void readsTheWebUisOwn() {
        Infotext text = Infotext.parse("""
                masterpiece, a (red:1.2) fox
                Negative prompt: lowres,
                text
                Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234, Size: 512x768, \
                Model hash: 6ce0161689, Model: v1-5, Lora hashes: "a: 1, b: 2", Version: v1.9.4""");
        assertThat(text.prompt()).isEqualTo("masterpiece, a (red:1.2) fox");
        assertThat(text.negative()).isEqualTo("lowres,\ntext");
        assertThat(text.settings())
                .containsEntry("Sampler", "DPM++ 2M")
                .containsEntry("Size", "512x768")
                .containsEntry("Lora hashes", "a: 1, b: 2")
                .containsEntry("Version", "v1.9.4");
    }

    @Test
    void aPromptAloneHasNoSettings() {
        assertThat(Infotext.parse("just: a prompt").settings()).isEmpty();
        assertThat(Infotext.parse("just: a prompt").prompt()).isEqualTo("just: a prompt");
    }
}
