/** Gradients: one reverse walk over the ops that a tape recorded, eagerly or inside a capture. */
package io.weft.autodiff;
