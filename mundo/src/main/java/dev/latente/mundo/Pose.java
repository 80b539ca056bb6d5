package dev.latente.mundo;

/** How a subject holds itself. */
public enum Pose {
    STANDING,
    WAVING,
    /** Astride, arms forward to the reins; the leg nearer to the viewer hangs in front of the mount. */
    RIDING
}
