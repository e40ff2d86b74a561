/**
 * Loops by family over plain arrays: mathematical functions, rows, convolution, pooling, recurrent
 * sequences, attention, reductions. No shapes, no tensors; sizes and indices are checked by the
 * caller. Sums have a fixed order, so results do not depend on the number of threads.
 *
 * <p>C2 vectorizes a loop over several arrays only when all have the same index expression, so
 * loops here prefer {@code y[i] = f(x[i])} over two offsets where they can.
 */
package io.weft.engine.kernel;
