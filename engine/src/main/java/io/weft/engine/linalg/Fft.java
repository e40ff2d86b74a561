package io.weft.engine.linalg;

/** The discrete Fourier transform of one row of any length, in place and not divided by it. */
public final class Fft {
  private final int n;
  private final int padded;
  private final double[] cos;
  private final double[] sin;
  private final double[] chirpRe;
  private final double[] chirpIm;
  private final double[] filterRe;
  private final double[] filterIm;

  /** Tables for rows of length n. */
  public Fft(int n) {
    this.n = n;
    boolean power = Integer.bitCount(n) <= 1;
    this.padded = power ? n : Integer.highestOneBit(2 * n - 1) << 1;
    int half = Math.max(1, padded / 2);
    cos = new double[half];
    sin = new double[half];
    for (int i = 0; i < half; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / Math.max(1, padded));
      sin[i] = Math.sin(2 * Math.PI * i / Math.max(1, padded));
    }
    chirpRe = power ? null : new double[n];
    chirpIm = power ? null : new double[n];
    filterRe = power ? null : new double[padded];
    filterIm = power ? null : new double[padded];
    for (int i = 0; i < n && !power; i++) {
      double angle = Math.PI * ((long) i * i % (2L * n)) / n;
      chirpRe[i] = Math.cos(angle);
      chirpIm[i] = -Math.sin(angle);
      filterRe[i] = chirpRe[i];
      filterIm[i] = -chirpIm[i];
      if (i > 0) {
        filterRe[padded - i] = filterRe[i];
        filterIm[padded - i] = filterIm[i];
      }
    }
    if (!power) {
      radix2(filterRe, filterIm);
    }
  }

  /** Σ x_j·e^(−2πi·jk/n), or with a plus sign for the inverse. */
  public void run(double[] re, double[] im, boolean inverse) {
    // the inverse is the transform with real and imaginary parts exchanged
    double[] a = inverse ? im : re;
    double[] b = inverse ? re : im;
    if (chirpRe == null) {
      radix2(a, b);
    } else {
      bluestein(a, b);
    }
  }

  private void radix2(double[] re, double[] im) {
    int m = padded;
    for (int i = 1, j = 0; i < m; i++) {
      int bit = m >> 1;
      for (; (j & bit) != 0; bit >>= 1) {
        j ^= bit;
      }
      j ^= bit;
      if (i < j) {
        double t = re[i];
        re[i] = re[j];
        re[j] = t;
        t = im[i];
        im[i] = im[j];
        im[j] = t;
      }
    }
    for (int size = 2; size <= m; size <<= 1) {
      int half = size >> 1;
      int step = m / size;
      for (int s = 0; s < m; s += size) {
        for (int k = 0; k < half; k++) {
          double c = cos[k * step];
          double d = -sin[k * step];
          int p = s + k;
          int q = p + half;
          double xr = re[q] * c - im[q] * d;
          double xi = re[q] * d + im[q] * c;
          re[q] = re[p] - xr;
          im[q] = im[p] - xi;
          re[p] += xr;
          im[p] += xi;
        }
      }
    }
  }

  /** Any length as a convolution with a chirp, of a length that is a power of two. */
  private void bluestein(double[] re, double[] im) {
    double[] a = new double[padded];
    double[] b = new double[padded];
    for (int i = 0; i < n; i++) {
      a[i] = re[i] * chirpRe[i] - im[i] * chirpIm[i];
      b[i] = re[i] * chirpIm[i] + im[i] * chirpRe[i];
    }
    radix2(a, b);
    for (int i = 0; i < padded; i++) {
      double x = a[i] * filterRe[i] - b[i] * filterIm[i];
      b[i] = a[i] * filterIm[i] + b[i] * filterRe[i];
      a[i] = x;
    }
    radix2(b, a);
    for (int i = 0; i < n; i++) {
      double x = a[i] / padded;
      double y = b[i] / padded;
      re[i] = x * chirpRe[i] - y * chirpIm[i];
      im[i] = x * chirpIm[i] + y * chirpRe[i];
    }
  }
}
