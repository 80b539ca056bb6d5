/** T5 (Raffel et al. 2020). */
@NullMarked
package dev.latente.models.t5;

import org.jspecify.annotations.NullMarked;
