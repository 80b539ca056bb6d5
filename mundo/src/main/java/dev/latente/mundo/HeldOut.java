package dev.latente.mundo;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Which combinations training never sees, so that whoever draws them has composed and not remembered. Each part of a held-out
 * combination occurs in training with others. A fixed checksum of the names decides: enums may be reordered and extended.
 */
public final class HeldOut {
    private static final int PERCENT = 7;

    private static final Map<Subject, Mount> NEVER_TOGETHER = new EnumMap<>(Map.of(
            Subject.CAT, Mount.DRAGON,
            Subject.FROG, Mount.ELEPHANT,
            Subject.KNIGHT, Mount.TURTLE,
            Subject.PENGUIN, Mount.BICYCLE,
            Subject.WIZARD, Mount.SKATEBOARD));

    private HeldOut() {}

    /** Whether training never sees what the scene combines, in whatever light, weather, size and background. */
    public static boolean contains(Scene scene) {
        if (scene instanceof Scene.Ride ride) {
            return ride(ride.rider(), ride.mount(), ride.setting().place());
        }
        if (scene instanceof Scene.Still still) {
            return drawn(still.thing(), still.setting().place());
        }
        return scene instanceof Scene.Pair pair && pair(pair.first(), pair.relation(), pair.second());
    }

    private static boolean ride(Subject rider, Mount mount, Place place) {
        boolean astronautOnMars = rider == Subject.ASTRONAUT && mount == Mount.HORSE && place == Place.MARS;
        return astronautOnMars || NEVER_TOGETHER.get(rider) == mount || drawn(rider, mount, place);
    }

    /** Two shapes said the other way round are the same picture. */
    private static boolean pair(ShapeItem first, Relation relation, ShapeItem second) {
        return switch (relation) {
            case BELOW -> pair(second, Relation.ABOVE, first);
            case RIGHT_OF -> pair(second, Relation.LEFT_OF, first);
            case ABOVE, LEFT_OF, INSIDE ->
                drawn(first.colour(), first.kind(), relation, second.colour(), second.kind());
        };
    }

    private static boolean drawn(Enum<?>... names) {
        CRC32 checksum = new CRC32();
        for (Enum<?> name : names) {
            checksum.update((name.name() + " ").getBytes(StandardCharsets.US_ASCII));
        }
        return checksum.getValue() % 100 < PERCENT;
    }
}
