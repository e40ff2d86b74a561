package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/** Portable loops. Sums: interleaved partial sums over blocks, blocks added in pairs. */
final class ScalarArrayKernel implements ArrayKernel {
  private static final int BLOCK = 512;

  /** The first half, a multiple of the block: the largest power of two below n. */
  private static int half(int n) {
    return Math.max(BLOCK, Integer.highestOneBit(n - 1));
  }

  @Override
  public float sum(float[] x, int o, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return sum(x, o, half) + sum(x, o + half, n - half);
    }
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = o;
    int end = o + n;
    for (; i + 8 <= end; i += 8) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
    }
    float tail = 0;
    for (; i < end; i++) {
      tail += x[i];
    }
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7)) + tail;
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return dot(x, xo, y, yo, half) + dot(x, xo + half, y, yo + half, n - half);
    }
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      s0 += x[xo + i] * y[yo + i];
      s1 += x[xo + i + 1] * y[yo + i + 1];
      s2 += x[xo + i + 2] * y[yo + i + 2];
      s3 += x[xo + i + 3] * y[yo + i + 3];
    }
    float tail = 0;
    for (; i < n; i++) {
      tail += x[xo + i] * y[yo + i];
    }
    return ((s0 + s2) + (s1 + s3)) + tail;
  }

  @Override
  public float squares(float[] x, int o, int n, float c) {
    if (n > BLOCK) {
      int half = half(n);
      return squares(x, o, half, c) + squares(x, o + half, n - half, c);
    }
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = o;
    int end = o + n;
    for (; i + 4 <= end; i += 4) {
      float d0 = x[i] - c;
      float d1 = x[i + 1] - c;
      float d2 = x[i + 2] - c;
      float d3 = x[i + 3] - c;
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    float tail = 0;
    for (; i < end; i++) {
      tail += (x[i] - c) * (x[i] - c);
    }
    return ((s0 + s2) + (s1 + s3)) + tail;
  }

  @Override
  public float max(float[] x, int o, int n) {
    float m0 = Float.NEGATIVE_INFINITY;
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = o;
    int end = o + n;
    for (; i + 4 <= end; i += 4) {
      m0 = Math.max(m0, x[i]);
      m1 = Math.max(m1, x[i + 1]);
      m2 = Math.max(m2, x[i + 2]);
      m3 = Math.max(m3, x[i + 3]);
    }
    for (; i < end; i++) {
      m0 = Math.max(m0, x[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  @Override
  public void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n) {
    if (xo == yo) { // one index: C2 vectorizes
      for (int i = xo; i < xo + n; i++) {
        y[i] = x[i] * scale + shift;
      }
    } else {
      System.arraycopy(x, xo, y, yo, n);
      for (int i = yo; i < yo + n; i++) {
        y[i] = y[i] * scale + shift;
      }
    }
  }

  @Override
  public void add(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] += x[i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] += x[xo + i];
      }
    }
  }

  @Override
  public void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] += x[i] * scale;
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] += x[xo + i] * scale;
      }
    }
  }

  @Override
  public void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n) {
    if (xo == yo && wo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] += x[i] * w[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i] * w[wo + i];
    }
  }

  /** In copies, so that all arrays of a loop have one index. */
  @Override
  public void sumOfProducts(int count, float[] x, int[] xs, float[][] w, float[] y, int yo, int n) {
    float[] sums = Scratch.take(n);
    float[] a = Scratch.take(n);
    float[] b = Scratch.take(n);
    try {
      Arrays.fill(sums, 0, n, 0f);
      int t = 0;
      for (; t + 2 <= count; t += 2) {
        System.arraycopy(x, xs[t], a, 0, n);
        System.arraycopy(x, xs[t + 1], b, 0, n);
        addProducts(sums, a, w[t], b, w[t + 1], n);
      }
      if (t < count) {
        System.arraycopy(x, xs[t], a, 0, n);
        addProduct(a, 0, w[t], 0, sums, 0, n);
      }
      System.arraycopy(sums, 0, y, yo, n);
    } finally {
      Scratch.give(b);
      Scratch.give(a);
      Scratch.give(sums);
    }
  }

  private static void addProducts(float[] sums, float[] a, float[] u, float[] b, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      sums[i] = sums[i] + a[i] * u[i] + b[i] * v[i];
    }
  }

  @Override
  public void multiply(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] *= x[xo + i];
    }
  }

  @Override
  public void maximum(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(y[yo + i], x[xo + i]);
    }
  }

  @Override
  public void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = y[yo + i] * (dy[dyo + i] - dot);
    }
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
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = scale * (g[go + i] - a - h[ho + i] * b);
    }
  }

  @Override
  public void firstLargest(float[] x, int xo, float tap, float[] best, int n) {
    for (int i = 0; i < n; i++) {
      if (x[xo + i] > best[i]) {
        best[i] = x[xo + i];
        best[n + i] = tap;
      }
    }
  }

  @Override
  public void addWhereEqual(
      float[] keys, int ko, float key, float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += keys[ko + i] == key ? x[xo + i] : 0f;
    }
  }
}
