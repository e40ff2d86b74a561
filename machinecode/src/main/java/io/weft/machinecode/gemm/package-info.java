/**
 * Matrix products: one micro-kernel over packed or strided operands, packing, and the loops that
 * keep blocks in the caches.
 */
package io.weft.machinecode.gemm;
