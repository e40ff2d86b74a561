package io.weft.initializers;

import java.util.Map;

/** Window functions of short-time Fourier transforms, by SciPy's names. */
final class Windows {
  /** Coefficients of sums of cosines, signs alternating. */
  private static final Map<String, double[]> COSINES =
      Map.of(
          "boxcar", new double[] {1},
          "hann", new double[] {0.5, 0.5},
          "hamming", new double[] {0.54, 0.46},
          "blackman", new double[] {0.42, 0.5, 0.08},
          "nuttall", new double[] {0.3635819, 0.4891775, 0.1365995, 0.0106411},
          "blackmanharris", new double[] {0.35875, 0.48829, 0.14128, 0.01168},
          "flattop", new double[] {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368});

  private Windows() {}

  static boolean exists(String name) {
    return COSINES.containsKey(name)
        || name.equals("bartlett")
        || name.equals("triang")
        || name.equals("cosine");
  }

  /** A window of n values; a periodic one is a symmetric one of n + 1 without its last value. */
  static double[] of(String name, int n, boolean periodic) {
    double[] w = new double[n];
    int m = periodic ? n + 1 : n;
    for (int i = 0; i < n; i++) {
      w[i] = m == 1 ? 1 : at(name, i, m);
    }
    return w;
  }

  private static double at(String name, int i, int m) {
    switch (name) {
      case "bartlett":
        return 1 - Math.abs(2.0 * i / (m - 1) - 1);
      case "triang":
        {
          int k = Math.min(i, m - 1 - i) + 1;
          return m % 2 == 0 ? (2.0 * k - 1) / m : 2.0 * k / (m + 1);
        }
      case "cosine":
        return Math.sin(Math.PI / m * (i + 0.5));
      default:
        double sum = 0;
        double[] c = COSINES.get(name);
        for (int k = 0; k < c.length; k++) {
          sum += (k % 2 == 0 ? 1 : -1) * c[k] * Math.cos(2 * Math.PI * k * i / (m - 1));
        }
        return sum;
    }
  }
}
