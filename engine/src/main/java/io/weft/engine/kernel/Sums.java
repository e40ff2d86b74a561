package io.weft.engine.kernel;

/**
 * Sums of adjacent floats in a fixed order: eight interleaved partial sums over blocks, blocks
 * added in pairs.
 */
final class Sums {
  private static final int BLOCK = 512;

  private Sums() {}

  static float sum(float[] x, int o, int n) {
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

  static float dot(float[] x, int xo, float[] y, int yo, int n) {
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

  /** Sum of {@code (x - c)²}. */
  static float squares(float[] x, int o, int n, float c) {
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

  /** Largest value, NaN if there is one; -infinity for n = 0. */
  static float max(float[] x, int o, int n) {
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

  static double sum(double[] x, int o, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return sum(x, o, half) + sum(x, o + half, n - half);
    }
    double s = 0;
    for (int i = o; i < o + n; i++) {
      s += x[i];
    }
    return s;
  }

  /** The first half, a multiple of the block: the largest power of two blocks below n. */
  private static int half(int n) {
    return Math.max(BLOCK, Integer.highestOneBit(n - 1));
  }
}
