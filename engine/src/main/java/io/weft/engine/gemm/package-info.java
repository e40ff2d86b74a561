/**
 * Matrix products over plain arrays. Shapes are written m (rows of C), n (columns of C), k (depth);
 * {@code rsA, csA} are the distances between rows and columns of A in elements, so a transposed
 * operand is the same array with the two exchanged.
 *
 * <p>A note on the portable code of the engine: C2 (17 to 25) vectorizes a loop over several arrays
 * only when all of them are indexed by the very same expression; {@code c[co + j] += s * b[bo + j]}
 * with two offsets stays scalar because the two could overlap. Hence rows packed into arrays of
 * their own.
 */
package io.weft.engine.gemm;
