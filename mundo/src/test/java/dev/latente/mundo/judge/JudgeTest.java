package dev.latente.mundo.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.mundo.Colour;
import dev.latente.mundo.Mount;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Place;
import dev.latente.mundo.Scene;
import dev.latente.mundo.Setting;
import dev.latente.mundo.Subject;
import dev.latente.mundo.Thing;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The judge that is shipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JudgeTest {
    private final Judge judge = Judge.load();

    @AfterAll
    void close() {
        judge.close();
    }

    @Test
    void knowsAnAstronautOnAHorseOnMars() {
        Scene scene = new Scene.Ride(Subject.ASTRONAUT, Mount.HORSE, Setting.of(Place.MARS));
        assertThat(judge(scene))
                .isEqualTo(new Verdict(Verdict.Kind.RIDE, Place.MARS, Subject.ASTRONAUT, Mount.HORSE, null));
    }

    @Test
    void knowsAThingBeforeAWall() {
        Scene scene = new Scene.Studio(Thing.APPLE, Colour.RED, Colour.BLUE);
        assertThat(judge(scene)).isEqualTo(new Verdict(Verdict.Kind.STUDIO, null, null, null, Thing.APPLE));
    }

    @Test
    void isRightAboutUnseenPictures() {
        assertRight(0.98, p -> p);
    }

    @Test
    void isRightAboutSoftPictures() {
        assertRight(0.96, JudgeTraining::softened);
    }

    /** 300 pictures leave room for chance; of 5,000 each head judges 99.8 % rightly. */
    private void assertRight(double least, UnaryOperator<Picture> change) {
        Accuracy accuracy = Accuracy.of(judge, 300, change);
        for (Head head : Head.values()) {
            assertThat(accuracy.of(head)).as(accuracy.toString()).isGreaterThanOrEqualTo(least);
        }
    }

    private Verdict judge(Scene scene) {
        return judge.judge(List.of(Picture.of(Painter.paint(scene, 5)))).get(0);
    }
}
