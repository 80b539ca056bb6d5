package dev.latente.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.weights.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NeededFilesTest {
    private static final List<String> SD15 = List.of(
            ".gitattributes",
            "README.md",
            "feature_extractor/preprocessor_config.json",
            "model_index.json",
            "safety_checker/config.json",
            "safety_checker/model.safetensors",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/flax_model.msgpack",
            "text_encoder/model.fp16.safetensors",
            "text_encoder/model.onnx",
            "text_encoder/model.safetensors",
            "text_encoder/openvino_model.bin",
            "text_encoder/pytorch_model.bin",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_flax_model.msgpack",
            "unet/diffusion_pytorch_model.bin",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "unet/diffusion_pytorch_model.non_ema.safetensors",
            "unet/diffusion_pytorch_model.safetensors",
            "unet/onnx/model.onnx",
            "v1-5-pruned-emaonly.safetensors",
            "v1-5-pruned.ckpt",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin",
            "vae/diffusion_pytorch_model.fp16.bin",
            "vae_1_0/config.json",
            "vae_1_0/diffusion_pytorch_model.safetensors");

    @Test
    void oneSetOfWeightsForEachPart() {
        assertThat(NeededFiles.of(SD15, null, part -> !part.equals("safety_checker") && !part.equals("vae_1_0")))
                .containsExactly(
                        "feature_extractor/preprocessor_config.json",
                        "model_index.json",
                        "scheduler/scheduler_config.json",
                        "text_encoder/config.json",
                        "text_encoder/model.safetensors",
                        "tokenizer/merges.txt",
                        "tokenizer/vocab.json",
                        "unet/config.json",
                        "unet/diffusion_pytorch_model.safetensors",
                        "vae/config.json",
                        "vae/diffusion_pytorch_model.bin");
    }

    @Test
    void theVariantWhereItIsThere() {
        assertThat(NeededFiles.of(SD15, "fp16"))
                .contains(
                        "text_encoder/model.fp16.safetensors",
                        "unet/diffusion_pytorch_model.fp16.safetensors",
                        "vae/diffusion_pytorch_model.fp16.bin",
                        "vae_1_0/diffusion_pytorch_model.safetensors")
                .doesNotContain("unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.bin");
        assertThat(NeededFiles.of(SD15, "non_ema")).contains("unet/diffusion_pytorch_model.non_ema.safetensors");
    }

    @Test
    void theSafetyCheckerOnlyWhereItIsWanted() {
        assertThat(NeededFiles.of(SD15, null)).noneMatch(file -> file.startsWith("safety_checker/"));
        assertThat(NeededFiles.of(SD15, null, part -> true)).contains("safety_checker/model.safetensors");
    }

    @Test
    void partsAreThoseThatTheIndexFills() {
        assertThat(NeededFiles.components(Json.parse("{\"_class_name\": \"P\", \"unet\": [\"diffusers\", \"U\"],"
                        + " \"image_encoder\": [null, null], \"safety_checker\": [\"x\", \"y\"], \"scale\": [1, 2]}")))
                .containsExactly("unet");
    }

    @Test
    void shardsComeWithTheirIndex() {
        List<String> sharded = List.of(
                "model_index.json",
                "t5/config.json",
                "t5/model-00001-of-00002.safetensors",
                "t5/model-00002-of-00002.safetensors",
                "t5/model.fp16-00001-of-00002.safetensors",
                "t5/model.fp16-00002-of-00002.safetensors",
                "t5/model.safetensors.index.fp16.json",
                "t5/model.safetensors.index.json",
                "t5/pytorch_model.bin");
        assertThat(NeededFiles.of(sharded, null))
                .containsExactly(
                        "model_index.json",
                        "t5/config.json",
                        "t5/model-00001-of-00002.safetensors",
                        "t5/model-00002-of-00002.safetensors",
                        "t5/model.safetensors.index.json");
        assertThat(NeededFiles.of(sharded, "fp16"))
                .containsExactly(
                        "model_index.json",
                        "t5/config.json",
                        "t5/model.fp16-00001-of-00002.safetensors",
                        "t5/model.fp16-00002-of-00002.safetensors",
                        "t5/model.safetensors.index.fp16.json");
    }

    @Test
    void incompleteShardsAreNoSet() {
        assertThat(NeededFiles.of(
                        List.of("model_index.json", "t5/model-00001-of-00002.safetensors", "t5/pytorch_model.bin"),
                        null))
                .containsExactly("model_index.json", "t5/pytorch_model.bin");
    }

    @Test
    void aPartOnItsOwn() {
        assertThat(NeededFiles.of(
                        List.of(
                                "README.md",
                                "config.json",
                                "diffusion_pytorch_model.bin",
                                "diffusion_pytorch_model.safetensors"),
                        null))
                .containsExactly("config.json", "diffusion_pytorch_model.safetensors");
    }

    @Test
    void theOneCheckpointWhereThereAreNoParts() {
        List<String> single = List.of(
                "sd-v1-4-full-ema.ckpt",
                "v1-5-pruned-emaonly.safetensors",
                "v1-5-pruned.safetensors",
                "a_lora.safetensors",
                "x/y.ckpt");
        assertThat(NeededFiles.of(single, null)).containsExactly("v1-5-pruned-emaonly.safetensors");
        assertThat(NeededFiles.of(List.of("a.ckpt", "README.md"), null)).containsExactly("a.ckpt");
        assertThat(NeededFiles.of(List.of("README.md", "config.json"), null)).isEmpty();
    }
}
