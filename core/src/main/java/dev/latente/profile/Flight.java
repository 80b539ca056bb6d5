package dev.latente.profile;

import jdk.jfr.FlightRecorder;

/** Whether the flight recorder of the JVM was ever started. Loading an event class would start it, which takes a tenth of a second. */
final class Flight {
    private static final boolean IS_THERE =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private Flight() {}

    static boolean isOn() {
        return IS_THERE && FlightRecorder.isInitialized();
    }
}
