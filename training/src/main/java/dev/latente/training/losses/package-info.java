/** What training makes small. */
@NullMarked
package dev.latente.training.losses;

import org.jspecify.annotations.NullMarked;
