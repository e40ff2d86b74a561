/**
 * An assembler for the part of x86-64 that the kernels need: integer instructions for addresses and
 * loops, and packed floats in VEX (AVX2, FMA) or EVEX (AVX-512) encoding from one table.
 *
 * <p>Knows nothing of memory or calls; its output is an array of bytes.
 */
package io.weft.machinecode.asm;
