/** What a trainer learns from: datasets, the order of batches, buckets, augmentation, loading ahead, and caches. */
@NullMarked
package dev.latente.training.data;

import org.jspecify.annotations.NullMarked;
