/** What is better left out of a training set: rules, a report of what they dropped and why, and the set that is left. */
@NullMarked
package dev.latente.training.data.filter;

import org.jspecify.annotations.NullMarked;
