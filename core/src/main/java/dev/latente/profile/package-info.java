/** Where the time goes: what operations and phases report, traces of them, and events of the flight recorder. */
@NullMarked
package dev.latente.profile;

import org.jspecify.annotations.NullMarked;
