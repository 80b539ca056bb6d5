/** The torch checkpoint format: a pickle of inert values, and the storages it points to. Entered by {@code PickleFile} only. */
@NullMarked
package dev.latente.weights.pickle;

import org.jspecify.annotations.NullMarked;
