/**
 * Decompositions of one matrix at a time and Fourier transforms of one row, in double precision.
 * Matrices are row-major arrays. Knows no ops and no shapes.
 */
package io.weft.engine.linalg;
