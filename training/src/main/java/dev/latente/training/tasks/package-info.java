/** What can be learnt: each task is a loss of some model's weights on the data of a step. */
@NullMarked
package dev.latente.training.tasks;

import org.jspecify.annotations.NullMarked;
