/** JMH benchmarks of the small things; {@code latente bench} measures the large ones. */
@NullMarked
package dev.latente.benchmarks;

import org.jspecify.annotations.NullMarked;
