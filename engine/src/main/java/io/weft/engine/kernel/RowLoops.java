package io.weft.engine.kernel;

import io.weft.engine.tier.KernelTier;

/**
 * Functions of {@code rows} adjacent rows of {@code n} floats each, in one tier. A result may be
 * the operand at the same offset; otherwise they must not overlap. What a row gives does not depend
 * on the other rows.
 */
public interface RowLoops {
  /**
   * The functions for so many rows: small ones need not wait for machine code, and sums of long
   * rows are cut into blocks in Java.
   */
  static RowLoops of(int rows, int n) {
    boolean large = n <= 4096 && rows * (long) n >= 256;
    RowLoops fast = large && KernelTier.isMachinePossible() ? Machine.KERNEL : null;
    return fast == null ? JavaRows.KERNEL : fast;
  }

  /** Asked for when the first large function comes; null where there is none. */
  final class Machine {
    private static final RowLoops KERNEL = KernelTier.machine(RowLoops.class);

    private Machine() {}
  }

  /**
   * {@code y = e^x / Σ e^x}; NaN and infinity make NaN at their place, 0 elsewhere in the row, and
   * a row of -infinity NaN.
   *
   * @param largest the largest x of each row (written), infinity where there is NaN; may be null
   * @param sum {@code Σ e^(x - largest)} of each row (written), may be null
   */
  void softmax(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] largest,
      int lo,
      float[] sum,
      int so,
      int rows,
      int n);

  /** {@code y = x - log Σ e^x}. */
  void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n);

  /**
   * {@code y = (x - mean) rstd γ + β} with {@code rstd = 1 / sqrt(variance + ε)}.
   *
   * @param centered false takes 0 for the mean
   * @param gamma n factors for each row, may be null, as beta
   * @param mean one value for each row (written), may be null, as rstd
   */
  void norm(
      boolean centered,
      float[] x,
      int xo,
      float[] gamma,
      int go,
      float[] beta,
      int bo,
      float epsilon,
      float[] y,
      int yo,
      float[] mean,
      int mo,
      float[] rstd,
      int so,
      int rows,
      int n);

  /**
   * Gradients of {@link #norm}: dx, which may be dy, and sums for γ and β.
   *
   * @param mean of each row; not read without {@code centered}
   * @param parameters γ of n elements, then the sums of {@code dγ} and {@code dβ}, which grow
   */
  void normGradient(
      boolean centered,
      float[] x,
      int xo,
      float[] mean,
      int mo,
      float[] rstd,
      int so,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      float[] parameters,
      int po,
      int rows,
      int n);

  /** {@code y = e^(x - shift)}, one shift for each row. */
  void powers(float[] x, int xo, float[] shift, int so, float[] y, int yo, int rows, int n);

  /** {@code sums = Σ x y} of each row; rows of x and y begin {@code stride ≥ n} apart. */
  void dots(
      float[] x, int xo, float[] y, int yo, int stride, float[] sums, int so, int rows, int n);

  /** {@code z = x (y - shift) scale}, one shift for each row. */
  void centered(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] shift,
      int so,
      float scale,
      float[] z,
      int zo,
      int rows,
      int n);
}
