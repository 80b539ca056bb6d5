/** What this machine can do at most, and what of it the models reach. */
@NullMarked
package dev.latente.bench;

import org.jspecify.annotations.NullMarked;
