package dev.latente.models.unet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.weights.Json;
import org.junit.jupiter.api.Test;

class UNetConfigTest {
    @Test
    void onlyCrossAttentionIsForTheWayDownAndUpAndNotForTheMiddle() {
        UNetConfig config = UNetConfig.of(Json.parse("""
                {"block_out_channels": [8, 16], "only_cross_attention": true, "attention_head_dim": 4, "norm_num_groups": 4,
                 "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                 "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}
                """));
        assertThat(config.down()).extracting(UNetConfig.Stage::onlyCross).containsExactly(true, true);
        assertThat(config.up()).extracting(UNetConfig.Stage::onlyCross).containsExactly(true, true);
        UNetConfig.Stage middle = config.down().get(1).middle(true);
        assertThat(middle.onlyCross()).isFalse();
        assertThat(middle.attention()).isTrue();
        assertThat(middle.channels()).isEqualTo(16);
    }
}
