package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LrScheduleTest {
    @Test
    void rulesNeedNoOrder() {
        LrSchedule schedule = LrSchedule.piecewise("0.5:4, 1:2, 0.25");
        assertThat(LongStream.range(0, 6)
                        .mapToDouble(step -> schedule.at(step, 8))
                        .toArray())
                .containsExactly(8, 8, 4, 4, 2, 2);
    }
}
