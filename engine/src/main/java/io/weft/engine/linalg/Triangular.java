package io.weft.engine.linalg;

import java.util.Arrays;

/** Factors that are triangular, and solving with them. */
public final class Triangular {
  private Triangular() {}

  /** Replaces a by its lower Cholesky factor; NaN everywhere if it is not positive definite. */
  public static void cholesky(double[] a, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double s = a[i * n + j];
        for (int k = 0; k < j; k++) {
          s -= a[i * n + k] * a[j * n + k];
        }
        if (i > j) {
          a[i * n + j] = s / a[j * n + j];
        } else if (s > 0) {
          a[i * n + i] = Math.sqrt(s);
        } else {
          Arrays.fill(a, Double.NaN);
          return;
        }
      }
      Arrays.fill(a, i * n + i + 1, (i + 1) * n, 0);
    }
  }

  /** Replaces b (n, k) by x with op(a)·x = b; a is lower or upper, op may transpose. */
  public static void solve(double[] a, int n, double[] b, int k, boolean lower, boolean transpose) {
    boolean forward = lower != transpose;
    for (int step = 0; step < n; step++) {
      int i = forward ? step : n - 1 - step;
      double d = a[i * n + i];
      int from = forward ? 0 : i + 1;
      int to = forward ? i : n;
      for (int c = 0; c < k; c++) {
        double s = b[i * k + c];
        for (int j = from; j < to; j++) {
          s -= (transpose ? a[j * n + i] : a[i * n + j]) * b[j * k + c];
        }
        b[i * k + c] = s / d;
      }
    }
  }

  /**
   * Replaces a by its unit-lower and upper factors with row exchanges.
   *
   * @param order is filled with the row of a that each row of the product is
   * @return the sign of the exchanges
   */
  public static int lu(double[] a, int n, int[] order) {
    int sign = 1;
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int k = 0; k < n; k++) {
      int p = k;
      for (int i = k + 1; i < n; i++) {
        if (Math.abs(a[i * n + k]) > Math.abs(a[p * n + k])) {
          p = i;
        }
      }
      if (p != k) {
        sign = -sign;
        int o = order[p];
        order[p] = order[k];
        order[k] = o;
        for (int j = 0; j < n; j++) {
          double t = a[p * n + j];
          a[p * n + j] = a[k * n + j];
          a[k * n + j] = t;
        }
      }
      double pivot = a[k * n + k];
      for (int i = k + 1; i < n && pivot != 0; i++) {
        double f = a[i * n + k] / pivot;
        a[i * n + k] = f;
        for (int j = k + 1; j < n; j++) {
          a[i * n + j] -= f * a[k * n + j];
        }
      }
    }
    return sign;
  }

  /**
   * Solves op(a)·x = b with the factors that {@link #lu} left.
   *
   * @return x (n, k), or null if a is singular
   */
  public static double[] solve(
      double[] lu, int[] order, int n, double[] b, int k, boolean transpose) {
    for (int i = 0; i < n; i++) {
      if (lu[i * n + i] == 0) {
        return null;
      }
    }
    double[] unit = lu.clone();
    for (int i = 0; i < n; i++) {
      unit[i * n + i] = 1;
    }
    double[] x = new double[n * k];
    if (transpose) {
      double[] y = b.clone();
      solve(lu, n, y, k, false, true);
      solve(unit, n, y, k, true, true);
      for (int i = 0; i < n; i++) {
        System.arraycopy(y, i * k, x, order[i] * k, k);
      }
      return x;
    }
    for (int i = 0; i < n; i++) {
      System.arraycopy(b, order[i] * k, x, i * k, k);
    }
    solve(unit, n, x, k, true, false);
    solve(lu, n, x, k, false, false);
    return x;
  }
}
