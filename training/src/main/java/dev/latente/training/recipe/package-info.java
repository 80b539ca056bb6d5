/** Recipes: files that say what is trained, on what and how, and the runs that follow them. */
@NullMarked
package dev.latente.training.recipe;

import org.jspecify.annotations.NullMarked;
