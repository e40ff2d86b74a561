/**
 * Ops that a backend computes in one pass where plain ops would take many: attention, recurrent
 * sequences, normalization of rows. Each says what it is in plainer ops, and that is what backends
 * without the kernel, other dtypes and higher derivatives use. Outputs beyond the first are what
 * the derivative needs.
 */
package io.weft.fused;
