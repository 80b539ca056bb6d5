package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.training.losses.AdversarialGoldenTest;
import dev.latente.training.losses.ConsistencyDistillationGoldenTest;
import dev.latente.training.losses.FlowMatchingGoldenTest;
import dev.latente.training.losses.LossesGoldenTest;
import dev.latente.training.losses.PriorPreservationGoldenTest;
import dev.latente.training.losses.ProgressiveDistillationGoldenTest;
import dev.latente.training.losses.VaeLossGoldenTest;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No reference case of training is left out in silence. */
@Tag("golden")
class GoldenCoverageTest {
    private static final List<Predicate<GoldenCase>> PARTS = List.of(
            AdversarialGoldenTest::takes,
            ConsistencyDistillationGoldenTest::takes,
            EmaGoldenTest::takes,
            FlowMatchingGoldenTest::takes,
            LoraGoldenTest::takes,
            LossesGoldenTest::takes,
            LrScheduleGoldenTest::takes,
            PriorPreservationGoldenTest::takes,
            ProgressiveDistillationGoldenTest::takes,
            TextualInversionGoldenTest::takes,
            TrainerGoldenTest::takesParts,
            TrainerGoldenTest::takesSteps,
            VaeLossGoldenTest::takes,
            ControlNetGoldenTest::takes,
            // ContrastiveGoldenTest
            c -> c.name().startsWith("clip_contrastive"));

    @Test
    void everyCaseIsTakenOnce() {
        assertThat(Golden.cases("train"))
                .allSatisfy(c -> assertThat(PARTS.stream().filter(part -> part.test(c)))
                        .as(c.toString())
                        .hasSize(1));
    }
}
