package dev.latente.mundo;

/** A place in a light and a weather; one that the place does not know (rain under the sea) is an illegal argument. */
public record Setting(Place place, Daylight light, Weather weather) {

    public Setting {
        if (!place.lights().contains(light) || !place.weathers().contains(weather)) {
            throw new IllegalArgumentException(
                    "Setting of [%s]: got light [%s] and weather [%s], wanted one of %s and %s"
                            .formatted(place, light, weather, place.lights(), place.weathers()));
        }
    }

    /** The place as it mostly is, of which a caption says nothing but its name. */
    public static Setting of(Place place) {
        return new Setting(place, place.usual(), Weather.CLEAR);
    }
}
