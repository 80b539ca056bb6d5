/** Networks that read pictures for control networks: depth, soft edges. Their weights are the user's. */
@NullMarked
package dev.latente.models.annotators;

import org.jspecify.annotations.NullMarked;
