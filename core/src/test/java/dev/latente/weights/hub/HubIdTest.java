package dev.latente.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HubIdTest {
    @ParameterizedTest
    @CsvSource({
        "org/name, org, name, main",
        "stable-diffusion-v1-5/stable-diffusion-v1-5@fp16, stable-diffusion-v1-5, stable-diffusion-v1-5, fp16",
        "a/b@refs/pr/1, a, b, refs/pr/1",
        "A_1/sd.turbo-2.1@0123456789abcdef0123456789abcdef01234567, A_1, sd.turbo-2.1, 0123456789abcdef0123456789abcdef01234567"
    })
    void readsOrganisationNameAndRevision(String text, String org, String name, String revision) {
        assertThat(HubId.parse(text)).isEqualTo(new HubId(org, name, revision));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "name",
                "/org/name",
                "./org/name",
                "../name",
                "org/../name",
                "org/..",
                "org/na..me",
                "org/na--me",
                "org/-name",
                "org/name.",
                "org/name/",
                "org/a/b",
                "org\\name",
                "C:\\name",
                "org/na me",
                "org/na\0me",
                "org/nämé",
                "org/name.git",
                "org/model.safetensors",
                "org/name@",
                "org/name@../x",
                "org/name@a..b",
                "org/name@/x",
                "org/name@x/",
                "org/name@a//b",
                "org/name@-x",
                "org/name@a b",
                "org/name@a@b",
                "org/name@x\n",
                "org/name\n",
                "~/name",
                "org/name?x",
                "org/%2e%2e"
            })
    void refusesWhatIsNoIdSoThatItCanBeAPath(String text) {
        assertThat(HubId.tryParse(text)).isEmpty();
        assertThatThrownBy(() -> HubId.parse(text))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("org/name@revision");
    }

    @Test
    void configComesFromTheVariablesThatPythonReads(@TempDir Path home) throws Exception {
        assertThat(HubConfig.of(Map.of(), home).cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(HubConfig.of(Map.of("XDG_CACHE_HOME", "/x"), home).cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(HubConfig.of(Map.of("HF_HOME", "~/hf"), home).cache()).isEqualTo(home.resolve("hf/hub"));
        assertThat(HubConfig.of(Map.of("HF_HOME", "/x", "HF_HUB_CACHE", "/y"), home)
                        .cache())
                .isEqualTo(Path.of("/y"));
        assertThat(HubConfig.of(Map.of("HF_HUB_OFFLINE", "yes"), home).offline())
                .isTrue();
        assertThat(HubConfig.of(Map.of("HF_HUB_OFFLINE", "0"), home).offline()).isFalse();
        assertThat(HubConfig.of(Map.of("HF_ENDPOINT", "http://mirror:8080/"), home)
                        .endpoint())
                .hasToString("http://mirror:8080");
        Files.createDirectories(home.resolve(".cache/huggingface"));
        Files.writeString(home.resolve(".cache/huggingface/token"), "from-file\n");
        assertThat(HubConfig.of(Map.of(), home).token()).isEqualTo("from-file");
        assertThat(HubConfig.of(Map.of("HF_TOKEN", " from-variable "), home).token())
                .isEqualTo("from-variable");
        assertThat(HubConfig.of(Map.of(), home).toString()).doesNotContain("from-file");
    }

    @Test
    void configRefusesWhatWouldFailLater(@TempDir Path home) {
        assertThatThrownBy(() -> HubConfig.of(Map.of("HF_ENDPOINT", "ftp://x"), home))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("HF_ENDPOINT");
        assertThatThrownBy(() -> HubConfig.of(Map.of("HF_TOKEN", "sec\nret"), home))
                .isInstanceOf(HubException.class)
                .hasMessageNotContaining("sec");
    }
}
