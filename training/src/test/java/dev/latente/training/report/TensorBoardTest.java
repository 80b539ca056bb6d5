package dev.latente.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TensorBoardTest {
    /** The check value of CRC-32C is E3069283 (RFC 3720, appendix B.4, and the catalogue of CRCs); masked by hand. */
    @Test
    void masksChecksums() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        int crc = 0xE3069283;
        assertThat(TensorBoard.checksum(digits, 9)).isEqualTo((crc >>> 15 | crc << 17) + 0xA282EAD8);
    }
}
