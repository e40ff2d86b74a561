/**
 * From op records to kernels: for each op a maker that looks at the specs once and gives a {@link
 * io.weft.engine.op.Kernel} over Java arrays. Element-wise ops run as tile programs in four
 * register kinds (float, double, long, byte); ops that only move elements share one strided copy.
 */
package io.weft.engine.op;
