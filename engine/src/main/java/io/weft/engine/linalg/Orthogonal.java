package io.weft.engine.linalg;

/** Orthogonal factors: QR by reflections, SVD and symmetric eigenvectors by Jacobi's rotations. */
public final class Orthogonal {
  private static final int SWEEPS = 60;
  private static final double TINY = 1e-15;

  private Orthogonal() {}

  /**
   * Householder's QR with LAPACK's signs: a (m, n) becomes r.
   *
   * @return q (m, m)
   */
  public static double[] qr(double[] a, int m, int n) {
    double[] q = new double[m * m];
    for (int i = 0; i < m; i++) {
      q[i * m + i] = 1;
    }
    double[] v = new double[m];
    for (int k = 0; k < Math.min(m, n); k++) {
      double tail = 0;
      for (int i = k + 1; i < m; i++) {
        tail += a[i * n + k] * a[i * n + k];
      }
      if (tail == 0) {
        continue;
      }
      double head = a[k * n + k];
      double beta = -Math.copySign(Math.sqrt(head * head + tail), head);
      double tau = (beta - head) / beta;
      v[k] = 1;
      for (int i = k + 1; i < m; i++) {
        v[i] = a[i * n + k] / (head - beta);
      }
      for (int j = k; j < n; j++) {
        double s = 0;
        for (int i = k; i < m; i++) {
          s += v[i] * a[i * n + j];
        }
        for (int i = k; i < m; i++) {
          a[i * n + j] -= tau * s * v[i];
        }
      }
      for (int i = k + 1; i < m; i++) {
        a[i * n + k] = 0;
      }
      for (int i = 0; i < m; i++) {
        double s = 0;
        for (int j = k; j < m; j++) {
          s += q[i * m + j] * v[j];
        }
        for (int j = k; j < m; j++) {
          q[i * m + j] -= tau * s * v[j];
        }
      }
    }
    return q;
  }

  /** u (m, m), s (min(m, n)) and v (n, n) with u·diag(s)·vᵀ = a, s falling. */
  public record Svd(double[] u, double[] s, double[] v) {}

  /** The singular value decomposition by one-sided rotations of the columns. */
  public static Svd svd(double[] a, int m, int n) {
    if (m < n) {
      Svd t = svd(transposed(a, m, n), n, m);
      return new Svd(t.v, t.s, t.u);
    }
    double[] w = transposed(a, m, n); // rows of w are columns of a
    double[] v = identity(n);
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < n - 1; p++) {
        for (int q = p + 1; q < n; q++) {
          rotated |= orthogonalize(w, m, v, n, p, q);
        }
      }
    }
    double[] s = new double[n];
    for (int j = 0; j < n; j++) {
      s[j] = Math.sqrt(dot(w, j * m, w, j * m, m));
    }
    Integer[] order = falling(s);
    double[] sorted = new double[n];
    double[] vs = new double[n * n];
    double[] columns = new double[m * n];
    for (int j = 0; j < n; j++) {
      int from = order[j];
      sorted[j] = s[from];
      for (int i = 0; i < n; i++) {
        vs[i * n + j] = v[from * n + i];
      }
      for (int i = 0; i < m; i++) {
        columns[i * n + j] = w[from * m + i];
      }
    }
    return new Svd(leftVectors(columns, sorted, m, n), sorted, vs);
  }

  /** Columns over their lengths, and any orthonormal ones for those of length 0 and the rest. */
  private static double[] leftVectors(double[] columns, double[] s, int m, int n) {
    double floor = n == 0 ? 0 : s[0] * TINY;
    double[] unit = new double[m * n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m && s[j] > floor; i++) {
        unit[i * n + j] = columns[i * n + j] / s[j];
      }
    }
    double[] r = unit.clone();
    double[] q = qr(r, m, n);
    for (int j = 0; j < n; j++) {
      double sign = s[j] > floor && r[j * n + j] < 0 ? -1 : 1;
      for (int i = 0; i < m; i++) {
        q[i * m + j] *= sign;
      }
    }
    return q;
  }

  private static boolean orthogonalize(double[] w, int m, double[] v, int n, int p, int q) {
    double alpha = dot(w, p * m, w, p * m, m);
    double beta = dot(w, q * m, w, q * m, m);
    double gamma = dot(w, p * m, w, q * m, m);
    if (gamma == 0 || Math.abs(gamma) <= TINY * Math.sqrt(alpha * beta)) {
      return false;
    }
    double zeta = (beta - alpha) / (2 * gamma);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double c = 1 / Math.hypot(1, t);
    rotate(w, p * m, q * m, m, c, c * t);
    rotate(v, p * n, q * n, n, c, c * t);
    return true;
  }

  private static void rotate(double[] x, int p, int q, int n, double c, double s) {
    for (int i = 0; i < n; i++) {
      double a = x[p + i];
      double b = x[q + i];
      x[p + i] = c * a - s * b;
      x[q + i] = s * a + c * b;
    }
  }

  private static double dot(double[] x, int xo, double[] y, int yo, int n) {
    double s = 0;
    for (int i = 0; i < n; i++) {
      s += x[xo + i] * y[yo + i];
    }
    return s;
  }

  /**
   * Eigenvalues of a symmetric matrix, rising; only the lower triangle of a is read.
   *
   * @param vectors is filled with the eigenvectors as columns
   */
  public static double[] eigh(double[] a, int n, double[] vectors) {
    double[] x = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        x[i * n + j] = a[i * n + j];
        x[j * n + i] = a[i * n + j];
      }
    }
    double[] v = identity(n); // rows are eigenvectors
    double scale = Math.sqrt(dot(x, 0, x, 0, n * n));
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      double off = 0;
      for (int p = 0; p < n - 1; p++) {
        for (int q = p + 1; q < n; q++) {
          off = Math.max(off, Math.abs(x[p * n + q]));
          annihilate(x, n, v, p, q);
        }
      }
      if (!(off > TINY * scale)) {
        break;
      }
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = -x[i * n + i];
    }
    Integer[] order = falling(values);
    double[] sorted = new double[n];
    for (int j = 0; j < n; j++) {
      sorted[j] = -values[order[j]];
      for (int i = 0; i < n; i++) {
        vectors[i * n + j] = v[order[j] * n + i];
      }
    }
    return sorted;
  }

  private static void annihilate(double[] x, int n, double[] v, int p, int q) {
    double g = x[p * n + q];
    if (g == 0) {
      return;
    }
    double zeta = (x[q * n + q] - x[p * n + p]) / (2 * g);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double c = 1 / Math.hypot(1, t);
    double s = c * t;
    rotate(x, p * n, q * n, n, c, s);
    for (int i = 0; i < n; i++) {
      double a = x[i * n + p];
      double b = x[i * n + q];
      x[i * n + p] = c * a - s * b;
      x[i * n + q] = s * a + c * b;
    }
    rotate(v, p * n, q * n, n, c, s);
  }

  private static double[] identity(int n) {
    double[] x = new double[n * n];
    for (int i = 0; i < n; i++) {
      x[i * n + i] = 1;
    }
    return x;
  }

  private static double[] transposed(double[] a, int m, int n) {
    double[] t = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        t[j * m + i] = a[i * n + j];
      }
    }
    return t;
  }

  private static Integer[] falling(double[] s) {
    Integer[] order = new Integer[s.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(order, (a, b) -> Double.compare(s[b], s[a]));
    return order;
  }
}
