/** Tensors on libtorch: operations, lifetimes, random numbers, dtypes and devices. The only floor that names the native library's scopes and scalars. */
@NullMarked
package dev.latente.tensor;

import org.jspecify.annotations.NullMarked;
