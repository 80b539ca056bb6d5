/** What a run shows of itself: a line in the terminal, charts and samples on a page, TensorBoard's files. */
@NullMarked
package dev.latente.training.report;

import org.jspecify.annotations.NullMarked;
