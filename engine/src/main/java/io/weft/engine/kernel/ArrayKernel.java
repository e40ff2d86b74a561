package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import io.weft.engine.tier.KernelTier;
import java.util.Arrays;

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
      ArrayKernel k = KernelTier.implementation(ArrayKernel.class, LongRuns.VECTOR_KERNEL);
      return k != null ? k : new ScalarArrayKernel();
    }

    private Holder() {}
  }

  /**
   * {@code y = Σ x w} over {@code count} pairs of runs; pair t starts at {@code xs[t]} of x and
   * with {@code w[t]}, and is added t-th.
   */
  void sumOfProducts(int count, float[] x, int[] xs, float[][] w, float[] y, int yo, int n);

  /**
   * Where {@code x > best}, {@code best} takes x over and, n elements later, {@code tap}: the first
   * of the largest values and where it came from.
   */
  void firstLargest(float[] x, int xo, float tap, float[] best, int n);

  /** Adds {@code x} to {@code y} where {@code keys[ko + i] == key}. */
  void addWhereEqual(float[] keys, int ko, float key, float[] x, int xo, float[] y, int yo, int n);

  @Override
  default void addToFirstLargest(
      int count,
      int step,
      int[] taps,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      int n) {
    float[] best = Scratch.take(2 * n);
    try {
      for (int i = 0; i < count; i++) {
        System.arraycopy(x, xo + i * step + taps[0], best, 0, n);
        Arrays.fill(best, n, 2 * n, 0f);
        for (int t = 1; t < taps.length; t++) {
          firstLargest(x, xo + i * step + taps[t], t, best, n);
        }
        for (int t = 0; t < taps.length; t++) {
          addWhereEqual(best, n, t, dy, dyo + i * n, dx, dxo + i * step + taps[t], n);
        }
      }
    } finally {
      Scratch.give(best);
    }
  }
}
