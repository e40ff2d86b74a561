package io.weft.engine.kernel;

import io.weft.engine.tier.KernelTier;

/**
 * Plain loops over runs of floats, in one tier. Arrays may be the same at the same offset;
 * otherwise runs must not overlap. The order of a sum depends on n only.
 */
public interface ArrayKernel extends ArrayLoops {
  /** The loops of the chosen tier. */
  static ArrayKernel get() {
    return Holder.KERNEL;
  }

  /** Keeps the choice out of the interface's own initialization. */
  final class Holder {
    private static final ArrayKernel KERNEL =
        KernelTier.isMachinePossible() ? new LongRuns(inJava()) : inJava();

    private static ArrayKernel inJava() {
      return KernelTier.implementation(
          ArrayKernel.class, LongRuns.VECTOR_KERNEL, ScalarArrayKernel::new);
    }

    private Holder() {}
  }

  /**
   * {@code y = Σ x w} over {@code count} pairs of runs; pair t starts at {@code xs[t]} of x and
   * with {@code w[t]}, and is added t-th.
   */
  void sumOfProducts(int count, float[] x, int[] xs, float[][] w, float[] y, int yo, int n);
}
