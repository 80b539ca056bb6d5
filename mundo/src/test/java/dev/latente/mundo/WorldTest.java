package dev.latente.mundo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WorldTest {
    private static final int COUNT = 6000;
    private static final List<Scene> SCENES =
            LongStream.range(0, COUNT).mapToObj(World::scene).toList();

    @Test
    void aSeedMeansOneScene() {
        assertThat(World.scene(42)).isEqualTo(World.scene(42)).isNotEqualTo(World.scene(43));
    }

    @Test
    void kindsComeInTheirShares() {
        assertThat(share(Scene.Ride.class)).isCloseTo(0.45, within(0.03));
        assertThat(share(Scene.Portrait.class)).isCloseTo(0.15, within(0.03));
        assertThat(share(Scene.Alone.class)).isCloseTo(0.05, within(0.02));
        assertThat(share(Scene.Still.class) + share(Scene.Studio.class)).isCloseTo(0.12, within(0.03));
        assertThat(share(Scene.Group.class) + share(Scene.Pair.class)).isCloseTo(0.23, within(0.03));
    }

    @Test
    void whatIsHeldOutNeverOccurs() {
        assertThat(SCENES).noneMatch(HeldOut::contains);
    }

    @Test
    void everyConstantOccurs() {
        Set<Object> seen = new HashSet<>();
        for (Scene scene : SCENES) {
            collect(scene, seen);
        }
        List<Enum<?>[]> all = List.of(
                Subject.values(),
                Mount.values(),
                Place.values(),
                Daylight.values(),
                Weather.values(),
                Thing.values(),
                Colour.values(),
                ShapeKind.values(),
                Size.values(),
                Relation.values(),
                EnumSet.of(Pose.STANDING, Pose.WAVING).toArray(Pose[]::new));
        for (Enum<?>[] constants : all) {
            assertThat(seen).containsAll(Arrays.asList(constants));
        }
    }

    @Test
    void aShapeIsNeverOnABackgroundOfItsColour() {
        for (Scene scene : SCENES) {
            if (scene instanceof Scene.Pair pair) {
                assertThat(pair.background())
                        .isNotIn(pair.first().colour(), pair.second().colour());
                assertThat(pair.first().colour()).isNotEqualTo(pair.second().colour());
            }
        }
    }

    private static double share(Class<? extends Scene> kind) {
        return SCENES.stream().filter(kind::isInstance).count() / (double) COUNT;
    }

    /** All that a scene's records are made of, down to the constants. */
    private static void collect(Object part, Set<Object> seen) {
        if (!(part instanceof Record)) {
            seen.add(part);
            return;
        }
        for (var component : part.getClass().getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                collect(accessor.invoke(part), seen);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.toString(), e);
            }
        }
    }
}
