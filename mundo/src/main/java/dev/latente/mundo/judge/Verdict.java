package dev.latente.mundo.judge;

import dev.latente.mundo.Mount;
import dev.latente.mundo.Place;
import dev.latente.mundo.Scene;
import dev.latente.mundo.Subject;
import dev.latente.mundo.Thing;
import org.jspecify.annotations.Nullable;

/**
 * What a picture shows, as far as {@link Judge} can tell; {@link Shapes} reads more of abstract pictures.
 *
 * @param place null before a plain background
 * @param subject who is in it, null for nobody
 * @param mount null for none
 * @param thing null for none
 */
public record Verdict(
        Kind kind,
        @Nullable Place place,
        @Nullable Subject subject,
        @Nullable Mount mount,
        @Nullable Thing thing) {

    /** Kinds of scenes, as a viewer tells them apart. */
    public enum Kind {
        RIDE,
        PORTRAIT,
        ALONE,
        STILL,
        STUDIO,
        SHAPES
    }

    /** The right answer. */
    public static Verdict of(Scene scene) {
        if (scene instanceof Scene.Ride s) {
            return new Verdict(Kind.RIDE, s.setting().place(), s.rider(), s.mount(), null);
        }
        if (scene instanceof Scene.Portrait s) {
            return new Verdict(Kind.PORTRAIT, s.setting().place(), s.subject(), null, null);
        }
        if (scene instanceof Scene.Alone s) {
            return new Verdict(Kind.ALONE, s.setting().place(), null, s.mount(), null);
        }
        if (scene instanceof Scene.Still s) {
            return new Verdict(Kind.STILL, s.setting().place(), null, null, s.thing());
        }
        if (scene instanceof Scene.Studio s) {
            return new Verdict(Kind.STUDIO, null, null, null, s.thing());
        }
        return new Verdict(Kind.SHAPES, null, null, null, null);
    }
}
