package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/**
 * The loops of {@link ArrayKernel} that every tier may have. Arrays may be the same at the same
 * offset; otherwise runs must not overlap. The order of a sum depends on n only.
 */
public interface ArrayLoops {
  /** {@code Σ x}. */
  float sum(float[] x, int xo, int n);

  /** {@code Σ x y}. */
  float dot(float[] x, int xo, float[] y, int yo, int n);

  /** {@code Σ (x - center)²}. */
  float squares(float[] x, int xo, int n, float center);

  /** Largest value, NaN if there is one; -infinity for n = 0. */
  float max(float[] x, int xo, int n);

  /** {@code y = x · scale + shift}. */
  void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n);

  /** {@code y += x}. */
  void add(float[] x, int xo, float[] y, int yo, int n);

  /**
   * {@code y += Σ x_r} over {@code rows} adjacent rows of n elements; the sum begins with 0 and the
   * rows are added one after the other. All tiers give the same bits.
   */
  default void addRows(float[] x, int xo, int rows, int n, float[] y, int yo) {
    float[] sum = Scratch.take(n);
    try {
      Arrays.fill(sum, 0, n, 0f);
      for (int r = 0; r < rows; r++) {
        add(x, xo + r * n, sum, 0, n);
      }
      add(sum, 0, y, yo, n);
    } finally {
      Scratch.give(sum);
    }
  }

  /** {@code y += x · scale}. */
  void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n);

  /** {@code y += x · w}. */
  void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n);

  /** {@code y *= x}. */
  void multiply(float[] x, int xo, float[] y, int yo, int n);

  /** {@code y = max(x, y)}, NaN if either is. */
  void maximum(float[] x, int xo, float[] y, int yo, int n);

  /** {@code dx = y (dy - dot)}. */
  void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n);

  /** {@code dx = scale (g - a - h b)}. */
  void normGradient(
      float[] g,
      int go,
      float[] h,
      int ho,
      float scale,
      float a,
      float b,
      float[] dx,
      int dxo,
      int n);

  /**
   * For each of {@code count} windows, n numbers of dy are added to dx at the first of the largest
   * numbers of x. A window has the same numbers in x and dx: {@code taps.length} runs of n, the
   * t-th from {@code taps[t]} on, behind those of the window before by {@code step}.
   *
   * @param xo where the first window starts in x, as {@code dxo} in dx
   */
  void addToFirstLargest(
      int count,
      int step,
      int[] taps,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      int n);
}
