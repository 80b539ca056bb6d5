package dev.latente.mundo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HeldOutTest {
    private static List<Scene.Ride> rides() {
        List<Scene.Ride> rides = new ArrayList<>();
        for (Subject rider : Subject.values()) {
            for (Mount mount : Mount.values()) {
                for (Place place : Place.values()) {
                    rides.add(new Scene.Ride(rider, mount, Setting.of(place)));
                }
            }
        }
        return rides;
    }

    private static List<Scene.Still> stills() {
        List<Scene.Still> stills = new ArrayList<>();
        for (Thing thing : Thing.values()) {
            for (Place place : Place.values()) {
                stills.add(new Scene.Still(thing, thing.colours().get(0), Setting.of(place)));
            }
        }
        return stills;
    }

    private static Scene pair(Colour a, ShapeKind first, Relation relation, Colour b, ShapeKind second) {
        return new Scene.Pair(
                new ShapeItem(first, a, Size.SMALL), relation, new ShapeItem(second, b, Size.BIG), Colour.WHITE);
    }

    @Test
    void noAstronautRidesAHorseOnMars() {
        assertTrue(HeldOut.contains(new Scene.Ride(Subject.ASTRONAUT, Mount.HORSE, Setting.of(Place.MARS))));
        assertTrue(HeldOut.contains(new Scene.Ride(
                Subject.ASTRONAUT, Mount.HORSE, new Setting(Place.MARS, Daylight.NIGHT, Weather.CLEAR))));
        assertFalse(HeldOut.contains(new Scene.Ride(Subject.ASTRONAUT, Mount.HORSE, Setting.of(Place.BEACH))));
        assertFalse(HeldOut.contains(new Scene.Portrait(Subject.ASTRONAUT, Pose.WAVING, Setting.of(Place.MARS))));
    }

    @Test
    void someRidersNeverMeetAMount() {
        for (Place place : Place.values()) {
            assertTrue(HeldOut.contains(new Scene.Ride(Subject.PENGUIN, Mount.BICYCLE, Setting.of(place))));
        }
    }

    @Test
    void aTwelfthOfTheRidesAndOfTheStillsIsHeldOut() {
        double rides = rides().stream().filter(HeldOut::contains).count();
        double stills = stills().stream().filter(HeldOut::contains).count();

        assertEquals(0.09, rides / rides().size(), 0.03);
        assertEquals(0.07, stills / stills().size(), 0.03);
    }

    @Test
    void everyPartOccursInTraining() {
        Set<Enum<?>> seen = new HashSet<>();
        Set<List<Enum<?>>> seenPairs = new HashSet<>();
        rides().stream().filter(ride -> !HeldOut.contains(ride)).forEach(ride -> {
            seen.addAll(List.of(ride.rider(), ride.mount(), ride.setting().place()));
            seenPairs.add(List.of(ride.rider(), ride.setting().place()));
            seenPairs.add(List.of(ride.mount(), ride.setting().place()));
        });
        stills().stream().filter(still -> !HeldOut.contains(still)).forEach(still -> seen.add(still.thing()));

        assertTrue(seen.containsAll(EnumSet.allOf(Subject.class)));
        assertTrue(seen.containsAll(EnumSet.allOf(Mount.class)));
        assertTrue(seen.containsAll(EnumSet.allOf(Place.class)));
        assertTrue(seen.containsAll(EnumSet.allOf(Thing.class)));
        assertEquals((Subject.values().length + Mount.values().length) * Place.values().length, seenPairs.size());
    }

    @Test
    void everyColourShapeAndRelationOccursInTraining() {
        Set<List<Enum<?>>> seen = new HashSet<>();
        for (Colour colour : Colour.values()) {
            for (ShapeKind kind : ShapeKind.values()) {
                for (Relation relation : Relation.values()) {
                    boolean trained = Arrays.stream(ShapeKind.values())
                            .anyMatch(other -> !HeldOut.contains(pair(colour, kind, relation, Colour.RED, other)));
                    if (trained) {
                        seen.add(List.of(colour, kind, relation));
                    }
                }
            }
        }

        assertEquals(Colour.values().length * ShapeKind.values().length * Relation.values().length, seen.size());
    }

    @Test
    void aPairSaidTheOtherWayRoundIsTheSame() {
        int held = 0;
        for (Colour colour : Colour.values()) {
            for (ShapeKind kind : ShapeKind.values()) {
                boolean above = HeldOut.contains(pair(colour, kind, Relation.ABOVE, Colour.BLUE, ShapeKind.SQUARE));
                boolean left = HeldOut.contains(pair(colour, kind, Relation.LEFT_OF, Colour.BLUE, ShapeKind.SQUARE));
                assertEquals(
                        above, HeldOut.contains(pair(Colour.BLUE, ShapeKind.SQUARE, Relation.BELOW, colour, kind)));
                assertEquals(
                        left, HeldOut.contains(pair(Colour.BLUE, ShapeKind.SQUARE, Relation.RIGHT_OF, colour, kind)));
                held += (above ? 1 : 0) + (left ? 1 : 0);
            }
        }
        assertTrue(held > 0, "none of these pairs is held out");
    }
}
