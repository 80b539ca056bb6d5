package dev.latente.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void choosesScalesOfAxes() {
        assertThat(Axis.around(0.1, 0.4)).isEqualTo(new Axis(0, 0.4 + 0.4 * 0.06, false));
        assertThat(Axis.around(0.01, 3).logarithmic()).isTrue();
        assertThat(Axis.around(0.01, 3).marks(6)).contains(0.01, 0.1, 1.0);
        assertThat(Axis.steps(15000).marks(8)).contains(0.0, 2000.0, 14000.0);
        assertThat(Axis.label(12500)).isEqualTo("12.5k");
        assertThat(Axis.label(0.05)).isEqualTo("0.05");
        assertThat(Axis.label(1e-5)).isEqualTo("1e-05");
        assertThat(Axis.label(200)).isEqualTo("200");
    }
}
