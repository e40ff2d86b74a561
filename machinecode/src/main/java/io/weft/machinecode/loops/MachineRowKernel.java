package io.weft.machinecode.loops;

import io.weft.engine.kernel.RowLoops;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;
import java.util.Objects;

/** The engine's functions of rows in machine code. */
public final class MachineRowKernel implements RowLoops {
  private static final int MOST = 1 << 15; // elements in a call: it ends within a millisecond

  private final Runs runs;

  /** Assembles the functions for these instructions. */
  public MachineRowKernel(Isa isa) {
    runs = new Runs(isa, RowsCode.values());
  }

  /** Rows of n elements that one call takes. */
  private static int block(int n) {
    return Math.max(1, Math.min(RunCode.MOST_ROWS, MOST / n));
  }

  /** The first and second numbers that a call left, into arrays that may be null. */
  private static void statistics(Frame f, float[] first, int fo, float[] second, int so, int rows) {
    for (int r = 0; r < rows && first != null; r++) {
      first[fo + r] = Float.intBitsToFloat((int) f.get(RunCode.FIRST_OF_ROW + r));
    }
    for (int r = 0; r < rows && second != null; r++) {
      second[so + r] = Float.intBitsToFloat((int) f.get(RunCode.SECOND_OF_ROW + r));
    }
  }

  /** The frame with the first and second numbers of rows, from arrays that may be null. */
  private static Frame given(float s0, float[] first, int fo, float[] second, int so, int rows) {
    Frame f = Runs.scalars(s0, 0f, 0f);
    for (int r = 0; r < rows; r++) {
      f.set(RunCode.FIRST_OF_ROW + r, first == null ? 0 : Float.floatToRawIntBits(first[fo + r]));
      f.set(
          RunCode.SECOND_OF_ROW + r, second == null ? 0 : Float.floatToRawIntBits(second[so + r]));
    }
    return f;
  }

  private static void check(float[] x, int xo, int rows, int n) {
    Objects.checkFromIndexSize(xo, rows * (long) n, x.length);
  }

  @Override
  public void softmax(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] largest,
      int lo,
      float[] sum,
      int so,
      int rows,
      int n) {
    check(x, xo, rows, n);
    check(y, yo, rows, n);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      Frame f = Frame.own();
      runs.rows(RowsCode.SOFTMAX, f, x, xo + r * n, y, yo + r * n, y, yo, y, yo, m, n, n);
      statistics(f, largest, lo + r, sum, so + r, m);
    }
  }

  @Override
  public void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
    check(x, xo, rows, n);
    check(y, yo, rows, n);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      Frame f = Frame.own();
      runs.rows(RowsCode.LOG_SOFTMAX, f, x, xo + r * n, y, yo + r * n, y, yo, y, yo, m, n, n);
    }
  }

  @Override
  public void norm(
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
      int n) {
    check(x, xo, rows, n);
    check(y, yo, rows, n);
    float[] scale = gamma == null ? y : gamma;
    int scaleAt = gamma == null ? yo : go;
    float[] shift = beta == null ? y : beta;
    int shiftAt = beta == null ? yo : bo;
    RowsCode code = code(centered, gamma != null, beta != null);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      Frame f = Runs.scalars(n, epsilon, 0f);
      runs.rows(code, f, x, xo + r * n, y, yo + r * n, scale, scaleAt, shift, shiftAt, m, n, n);
      statistics(f, mean, mo + r, rstd, so + r, m);
    }
  }

  private static RowsCode code(boolean centered, boolean scaled, boolean shifted) {
    if (!centered) {
      return scaled ? RowsCode.RMS_NORM : RowsCode.PLAIN_RMS_NORM;
    }
    if (scaled) {
      return shifted ? RowsCode.LAYER_NORM : RowsCode.SCALED_LAYER_NORM;
    }
    return shifted ? RowsCode.SHIFTED_LAYER_NORM : RowsCode.PLAIN_LAYER_NORM;
  }

  @Override
  public void normGradient(
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
      int n) {
    check(x, xo, rows, n);
    check(dy, dyo, rows, n);
    check(dx, dxo, rows, n);
    check(parameters, po, 3, n);
    RowsCode code = centered ? RowsCode.NORM_GRADIENT : RowsCode.RMS_NORM_GRADIENT;
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      int at = r * n;
      Frame f = given(n, centered ? mean : null, mo + r, rstd, so + r, m);
      f.set(RunCode.STRIDE, n * (long) Float.BYTES);
      runs.rows(code, f, x, xo + at, dy, dyo + at, dx, dxo + at, parameters, po, m, n, n);
    }
  }

  @Override
  public void powers(float[] x, int xo, float[] shift, int so, float[] y, int yo, int rows, int n) {
    check(x, xo, rows, n);
    check(y, yo, rows, n);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      int at = r * n;
      Frame f = given(0f, shift, so + r, null, 0, m);
      runs.rows(RowsCode.POWERS, f, x, xo + at, y, yo + at, y, yo, y, yo, m, n, n);
    }
  }

  @Override
  public void dots(
      float[] x, int xo, float[] y, int yo, int stride, float[] sums, int so, int rows, int n) {
    Objects.checkIndex(0, stride);
    check(x, xo + n, rows - 1, stride);
    check(y, yo + n, rows - 1, stride);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      int at = r * stride;
      Frame f = Frame.own();
      runs.rows(RowsCode.DOTS, f, x, xo + at, y, yo + at, y, yo, y, yo, m, stride, n);
      statistics(f, sums, so + r, null, 0, m);
    }
  }

  @Override
  public void centered(
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
      int n) {
    check(x, xo, rows, n);
    check(y, yo, rows, n);
    check(z, zo, rows, n);
    int block = block(n);
    for (int r = 0; r < rows; r += block) {
      int m = Math.min(block, rows - r);
      int at = r * n;
      Frame f = given(scale, shift, so + r, null, 0, m);
      runs.rows(RowsCode.CENTERED, f, x, xo + at, y, yo + at, z, zo + at, z, zo, m, n, n);
    }
  }
}
