package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;

/** {@link RowLoops} of loops over one row each. */
final class JavaRows implements RowLoops {
  static final RowLoops KERNEL = new JavaRows();
  private static final ArrayKernel ARRAYS = ArrayKernel.get();

  private JavaRows() {}

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
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      int to = yo + r * n;
      float max = ARRAYS.max(x, from, n);
      boolean strange = !(max < Float.POSITIVE_INFINITY);
      max = strange ? Float.POSITIVE_INFINITY : max;
      ARRAYS.affine(x, from, 1f, -max, y, to, n);
      MathF.exp(y, to, y, to, n);
      float total = ARRAYS.sum(y, to, n);
      if (!strange) {
        ARRAYS.affine(y, to, 1f / total, 0f, y, to, n);
      }
      if (largest != null) {
        largest[lo + r] = max;
      }
      if (sum != null) {
        sum[so + r] = total;
      }
    }
  }

  @Override
  public void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
    float[] e = Scratch.take(n);
    try {
      for (int r = 0; r < rows; r++) {
        int o = xo + r * n;
        float max = ARRAYS.max(x, o, n);
        ARRAYS.affine(x, o, 1f, -max, e, 0, n);
        MathF.exp(e, 0, e, 0, n);
        float log = MathF.log(ARRAYS.sum(e, 0, n));
        for (int i = 0; i < n; i++) {
          y[yo + r * n + i] = x[o + i] - max - log;
        }
      }
    } finally {
      Scratch.give(e);
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
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      int to = yo + r * n;
      float m = centered ? ARRAYS.sum(x, from, n) / n : 0f;
      float s = (float) (1.0 / Math.sqrt(ARRAYS.squares(x, from, n, m) / n + epsilon));
      if (mean != null) {
        mean[mo + r] = m;
      }
      if (rstd != null) {
        rstd[so + r] = s;
      }
      center(x, from, m, s, y, to, n);
      if (gamma != null) {
        ARRAYS.multiply(gamma, go, y, to, n);
      }
      if (beta != null) {
        ARRAYS.add(beta, bo, y, to, n);
      }
    }
  }

  /** {@code y = (x - mean) rstd}, subtracted first: a product first would cancel. */
  static void center(float[] x, int xo, float mean, float rstd, float[] y, int yo, int n) {
    ARRAYS.affine(x, xo, 1f, -mean, y, yo, n);
    ARRAYS.affine(y, yo, rstd, 0f, y, yo, n);
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
    float[] hat = Scratch.take(2 * n); // the normalized row, then g = dy γ
    try {
      for (int r = 0; r < rows; r++) {
        int at = r * n;
        float scale = rstd[so + r];
        center(x, xo + at, centered ? mean[mo + r] : 0f, scale, hat, 0, n);
        System.arraycopy(dy, dyo + at, hat, n, n);
        ARRAYS.addProduct(hat, 0, hat, n, parameters, po + n, n);
        ARRAYS.add(dy, dyo + at, parameters, po + 2 * n, n);
        ARRAYS.multiply(parameters, po, hat, n, n);
        float a = centered ? ARRAYS.sum(hat, n, n) / n : 0f;
        float b = ARRAYS.dot(hat, 0, hat, n, n) / n;
        ARRAYS.normGradient(hat, n, hat, 0, scale, a, b, dx, dxo + at, n);
      }
    } finally {
      Scratch.give(hat);
    }
  }

  @Override
  public void powers(float[] x, int xo, float[] shift, int so, float[] y, int yo, int rows, int n) {
    for (int r = 0; r < rows; r++) {
      ARRAYS.affine(x, xo + r * n, 1f, -shift[so + r], y, yo + r * n, n);
    }
    MathF.exp(y, yo, y, yo, rows * n);
  }

  @Override
  public void dots(
      float[] x, int xo, float[] y, int yo, int stride, float[] sums, int so, int rows, int n) {
    for (int r = 0; r < rows; r++) {
      sums[so + r] = ARRAYS.dot(x, xo + r * stride, y, yo + r * stride, n);
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
    for (int r = 0; r < rows; r++) {
      int at = r * n;
      ARRAYS.centeredProduct(x, xo + at, y, yo + at, shift[so + r], z, zo + at, n);
    }
    ARRAYS.affine(z, zo, scale, 0f, z, zo, rows * n);
  }
}
