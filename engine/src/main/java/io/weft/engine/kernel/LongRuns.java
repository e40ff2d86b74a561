package io.weft.engine.kernel;

import io.weft.engine.tier.KernelTier;

/**
 * Long runs by machine code where it serves; short ones, which need not wait for it, and what it
 * does not have, by loops in Java.
 */
final class LongRuns implements ArrayKernel {
  static final String VECTOR_KERNEL = "io.weft.engine.simd.VectorArrayKernel";

  private static final int SHORT = 32;

  private final ArrayKernel inJava;

  LongRuns(ArrayKernel inJava) {
    this.inJava = inJava;
  }

  /** Made when the first long run comes. */
  private static final class Fast {
    static final ArrayLoops LOOPS = choose();

    private static ArrayLoops choose() {
      ArrayLoops k = KernelTier.fastest(ArrayLoops.class, VECTOR_KERNEL);
      return k != null ? k : new ScalarArrayKernel();
    }
  }

  private ArrayLoops of(int n) {
    return n < SHORT ? inJava : Fast.LOOPS;
  }

  @Override
  public float sum(float[] x, int xo, int n) {
    return of(n).sum(x, xo, n);
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    return of(n).dot(x, xo, y, yo, n);
  }

  @Override
  public float squares(float[] x, int xo, int n, float center) {
    return of(n).squares(x, xo, n, center);
  }

  @Override
  public float max(float[] x, int xo, int n) {
    return of(n).max(x, xo, n);
  }

  @Override
  public void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n) {
    of(n).affine(x, xo, scale, shift, y, yo, n);
  }

  @Override
  public void add(float[] x, int xo, float[] y, int yo, int n) {
    of(n).add(x, xo, y, yo, n);
  }

  @Override
  public void addRows(float[] x, int xo, int rows, int n, float[] y, int yo) {
    of((int) Math.min(SHORT, (long) rows * n)).addRows(x, xo, rows, n, y, yo);
  }

  @Override
  public void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n) {
    of(n).addScaled(x, xo, scale, y, yo, n);
  }

  @Override
  public void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n) {
    of(n).addProduct(x, xo, w, wo, y, yo, n);
  }

  @Override
  public void multiply(float[] x, int xo, float[] y, int yo, int n) {
    of(n).multiply(x, xo, y, yo, n);
  }

  @Override
  public void maximum(float[] x, int xo, float[] y, int yo, int n) {
    of(n).maximum(x, xo, y, yo, n);
  }

  @Override
  public void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n) {
    of(n).centeredProduct(y, yo, dy, dyo, dot, dx, dxo, n);
  }

  @Override
  public void normGradient(
      float[] g,
      int go,
      float[] h,
      int ho,
      float scale,
      float a,
      float b,
      float[] dx,
      int dxo,
      int n) {
    of(n).normGradient(g, go, h, ho, scale, a, b, dx, dxo, n);
  }

  @Override
  public void sumOfProducts(int count, float[] x, int[] xs, float[][] w, float[] y, int yo, int n) {
    inJava.sumOfProducts(count, x, xs, w, y, yo, n);
  }

  @Override
  public void firstLargest(float[] x, int xo, float tap, float[] best, int n) {
    inJava.firstLargest(x, xo, tap, best, n);
  }

  @Override
  public void addWhereEqual(
      float[] keys, int ko, float key, float[] x, int xo, float[] y, int yo, int n) {
    inJava.addWhereEqual(keys, ko, key, x, xo, y, yo, n);
  }

  @Override
  public void addToFirstLargest(
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
    of(n).addToFirstLargest(count, step, taps, x, xo, dy, dyo, dx, dxo, n);
  }
}
