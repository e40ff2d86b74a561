/**
 * Kernels over {@code jdk.incubator.vector}. Compiled apart from the rest and loaded by constant
 * name only when that module is present; see {@link io.weft.engine.tier.KernelTier}.
 */
package io.weft.engine.simd;
