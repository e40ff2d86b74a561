package io.weft.machinecode.loops;

import io.weft.engine.kernel.ArrayLoops;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;

/** The engine's plain loops in machine code. */
public final class MachineArrayKernel implements ArrayLoops {
  private static final int BLOCK = 1 << 12; // of a sum; blocks are added in pairs

  private final Runs runs;
  private final RowSums rowSums;
  private final WindowCode windows;

  /** Assembles the loops for these instructions. */
  public MachineArrayKernel(Isa isa) {
    runs = new Runs(isa, ArrayCode.values());
    rowSums = new RowSums(isa);
    windows = new WindowCode(isa);
  }

  /** A sum of at most {@link #BLOCK} elements. */
  private float total(ArrayCode loop, Frame f, float[] x, int xo, float[] y, int yo, int n) {
    runs.run(loop, f, x, xo, y, yo, n);
    return Float.intBitsToFloat((int) f.get(ArrayCode.RESULT));
  }

  /** The first half, a multiple of the block: the largest power of two below n. */
  private static int half(int n) {
    return Math.max(BLOCK, Integer.highestOneBit(n - 1));
  }

  @Override
  public float sum(float[] x, int xo, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return sum(x, xo, half) + sum(x, xo + half, n - half);
    }
    return total(ArrayCode.SUM, Frame.own(), x, xo, x, xo, n);
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return dot(x, xo, y, yo, half) + dot(x, xo + half, y, yo + half, n - half);
    }
    return total(ArrayCode.DOT, Frame.own(), x, xo, y, yo, n);
  }

  @Override
  public float squares(float[] x, int xo, int n, float center) {
    if (n > BLOCK) {
      int half = half(n);
      return squares(x, xo, half, center) + squares(x, xo + half, n - half, center);
    }
    return total(ArrayCode.SQUARES, Runs.scalars(center, 0, 0), x, xo, x, xo, n);
  }

  @Override
  public float max(float[] x, int xo, int n) {
    float m = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i += BLOCK) {
      int count = Math.min(BLOCK, n - i);
      m = Math.max(m, total(ArrayCode.MAX, Frame.own(), x, xo + i, x, xo + i, count));
    }
    return m;
  }

  @Override
  public void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n) {
    runs.run(ArrayCode.AFFINE, Runs.scalars(scale, shift, 0), x, xo, y, yo, n);
  }

  @Override
  public void add(float[] x, int xo, float[] y, int yo, int n) {
    runs.run(ArrayCode.ADD, Frame.own(), x, xo, y, yo, n);
  }

  @Override
  public void addRows(float[] x, int xo, int rows, int n, float[] y, int yo) {
    rowSums.run(x, xo, rows, n, y, yo);
  }

  @Override
  public void multiply(float[] x, int xo, float[] y, int yo, int n) {
    runs.run(ArrayCode.MULTIPLY, Frame.own(), x, xo, y, yo, n);
  }

  @Override
  public void maximum(float[] x, int xo, float[] y, int yo, int n) {
    runs.run(ArrayCode.MAXIMUM, Frame.own(), x, xo, y, yo, n);
  }

  @Override
  public void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n) {
    runs.run(ArrayCode.ADD_SCALED, Runs.scalars(scale, 0, 0), x, xo, y, yo, n);
  }

  @Override
  public void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n) {
    runs.run(ArrayCode.ADD_PRODUCT, Frame.own(), x, xo, w, wo, y, yo, n);
  }

  @Override
  public void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n) {
    runs.run(ArrayCode.CENTERED_PRODUCT, Runs.scalars(dot, 0, 0), y, yo, dy, dyo, dx, dxo, n);
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
    runs.run(ArrayCode.NORM_GRADIENT, Runs.scalars(scale, a, b), g, go, h, ho, dx, dxo, n);
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
    windows.run(count, step, taps, x, xo, dy, dyo, dx, dxo, n);
  }
}
