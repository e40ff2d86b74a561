package io.weft.engine.linalg;

/**
 * Eigenvalues and eigenvectors of any real matrix: complex Hessenberg form, shifted QR steps to
 * triangular form, back substitution. Complex matrices are pairs of arrays.
 */
public final class ComplexEigen {
  private static final double EPSILON = 0x1p-52;

  private final int n;
  private final double[] tr;
  private final double[] ti;
  private final double[] qr;
  private final double[] qi;

  private ComplexEigen(double[] a, int n) {
    this.n = n;
    this.tr = a.clone();
    this.ti = new double[n * n];
    this.qr = new double[n * n];
    this.qi = new double[n * n];
    for (int i = 0; i < n; i++) {
      qr[i * n + i] = 1;
    }
  }

  /** Fills values (n) and vectors (n, n; columns of length 1), real and imaginary parts. */
  public static void of(double[] a, int n, double[][] values, double[][] vectors) {
    ComplexEigen e = new ComplexEigen(a, n);
    e.hessenberg();
    e.triangularize();
    for (int i = 0; i < n; i++) {
      values[0][i] = e.tr[i * n + i];
      values[1][i] = e.ti[i * n + i];
    }
    e.vectors(vectors[0], vectors[1]);
  }

  private void hessenberg() {
    for (int k = 0; k < n - 2; k++) {
      for (int i = n - 1; i > k + 1; i--) {
        zero(i - 1, i, k);
      }
    }
  }

  /** A rotation of rows p, q (and back of columns p, q) that makes element (q, column) zero. */
  private void zero(int p, int q, int column) {
    double[] g = rotation(p, q, column);
    rows(tr, ti, p, q, 0, g);
    columns(tr, ti, p, q, n, g);
    columns(qr, qi, p, q, n, g);
  }

  /** c (real) and s (complex) with [c s; −s̄ c]·(x, y) = (r, 0). */
  private double[] rotation(int p, int q, int column) {
    double xr = tr[p * n + column];
    double xi = ti[p * n + column];
    double yr = tr[q * n + column];
    double yi = ti[q * n + column];
    double x = Math.hypot(xr, xi);
    double y = Math.hypot(yr, yi);
    if (y == 0) {
      return new double[] {1, 0, 0};
    }
    if (x == 0) {
      return new double[] {0, yr / y, -yi / y};
    }
    double r = Math.hypot(x, y);
    // s = (x / |x|)·ȳ / r
    return new double[] {x / r, (xr * yr + xi * yi) / (x * r), (xi * yr - xr * yi) / (x * r)};
  }

  private void rows(double[] re, double[] im, int p, int q, int from, double[] g) {
    for (int j = from; j < n; j++) {
      double ar = re[p * n + j];
      double ai = im[p * n + j];
      double br = re[q * n + j];
      double bi = im[q * n + j];
      re[p * n + j] = g[0] * ar + g[1] * br - g[2] * bi;
      im[p * n + j] = g[0] * ai + g[1] * bi + g[2] * br;
      re[q * n + j] = g[0] * br - g[1] * ar - g[2] * ai;
      im[q * n + j] = g[0] * bi - g[1] * ai + g[2] * ar;
    }
  }

  private void columns(double[] re, double[] im, int p, int q, int to, double[] g) {
    for (int i = 0; i < to; i++) {
      double ar = re[i * n + p];
      double ai = im[i * n + p];
      double br = re[i * n + q];
      double bi = im[i * n + q];
      re[i * n + p] = g[0] * ar + g[1] * br + g[2] * bi;
      im[i * n + p] = g[0] * ai + g[1] * bi - g[2] * br;
      re[i * n + q] = g[0] * br - g[1] * ar + g[2] * ai;
      im[i * n + q] = g[0] * bi - g[1] * ai - g[2] * ar;
    }
  }

  private double size(int i, int j) {
    return Math.abs(tr[i * n + j]) + Math.abs(ti[i * n + j]);
  }

  private void triangularize() {
    int high = n - 1;
    int tries = 0;
    while (high > 0) {
      int low = high;
      while (low > 0 && size(low, low - 1) > EPSILON * (size(low, low) + size(low - 1, low - 1))) {
        low--;
      }
      if (low > 0) {
        tr[low * n + low - 1] = 0;
        ti[low * n + low - 1] = 0;
      }
      if (low == high) {
        high--;
        tries = 0;
        continue;
      }
      if (++tries > 300) {
        return; // not converged: what is below the diagonal is left out
      }
      step(low, high, shift(high, tries));
    }
  }

  /** The eigenvalue of the last 2×2 block nearest to its last element. */
  private double[] shift(int k, int tries) {
    int d = k * n + k;
    if (tries % 10 == 0) {
      return new double[] {tr[d] + size(k, k - 1), ti[d]};
    }
    int a = (k - 1) * n + k - 1;
    double hr = (tr[a] - tr[d]) / 2;
    double hi = (ti[a] - ti[d]) / 2;
    double br = tr[a + 1] * tr[d - 1] - ti[a + 1] * ti[d - 1];
    double bi = tr[a + 1] * ti[d - 1] + ti[a + 1] * tr[d - 1];
    double[] root = root(hr * hr - hi * hi + br, 2 * hr * hi + bi);
    boolean same = hr * root[0] + hi * root[1] >= 0;
    double[] far = {same ? hr + root[0] : hr - root[0], same ? hi + root[1] : hi - root[1]};
    double m = far[0] * far[0] + far[1] * far[1];
    if (m == 0) {
      return new double[] {tr[d], ti[d]};
    }
    // d − bc / far
    return new double[] {
      tr[d] - (br * far[0] + bi * far[1]) / m, ti[d] - (bi * far[0] - br * far[1]) / m
    };
  }

  private static double[] root(double re, double im) {
    double m = Math.hypot(re, im);
    double a = Math.sqrt((m + Math.abs(re)) / 2);
    double b = a == 0 ? 0 : im / (2 * a);
    return re >= 0 ? new double[] {a, b} : new double[] {Math.abs(b), Math.copySign(a, im)};
  }

  private void step(int low, int high, double[] shift) {
    diagonal(shift[0], shift[1], -1);
    double[][] g = new double[high - low][];
    for (int k = low; k < high; k++) {
      g[k - low] = rotation(k, k + 1, k);
      rows(tr, ti, k, k + 1, k, g[k - low]);
    }
    for (int k = low; k < high; k++) {
      columns(tr, ti, k, k + 1, Math.min(k + 2, high + 1), g[k - low]);
      columns(qr, qi, k, k + 1, n, g[k - low]);
    }
    diagonal(shift[0], shift[1], 1);
  }

  /** Shifts the whole diagonal: outside of the block rows and columns rotate alike. */
  private void diagonal(double re, double im, int sign) {
    for (int i = 0; i < n; i++) {
      tr[i * n + i] += sign * re;
      ti[i * n + i] += sign * im;
    }
  }

  private void vectors(double[] vr, double[] vi) {
    double norm = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        norm = Math.max(norm, size(i, j));
      }
    }
    double floor = Math.max(norm * EPSILON, Double.MIN_NORMAL);
    double[] xr = new double[n];
    double[] xi = new double[n];
    for (int k = 0; k < n; k++) {
      xr[k] = 1;
      xi[k] = 0;
      for (int i = k - 1; i >= 0; i--) {
        double sr = 0;
        double si = 0;
        for (int j = i + 1; j <= k; j++) {
          sr += tr[i * n + j] * xr[j] - ti[i * n + j] * xi[j];
          si += tr[i * n + j] * xi[j] + ti[i * n + j] * xr[j];
        }
        double dr = tr[k * n + k] - tr[i * n + i];
        double di = ti[k * n + k] - ti[i * n + i];
        if (Math.abs(dr) + Math.abs(di) < floor) {
          dr = floor;
          di = 0;
        }
        double m = dr * dr + di * di;
        xr[i] = (sr * dr + si * di) / m;
        xi[i] = (si * dr - sr * di) / m;
      }
      column(k, xr, xi, vr, vi);
    }
  }

  private void column(int k, double[] xr, double[] xi, double[] vr, double[] vi) {
    double length = 0;
    for (int i = 0; i < n; i++) {
      double sr = 0;
      double si = 0;
      for (int j = 0; j <= k; j++) {
        sr += qr[i * n + j] * xr[j] - qi[i * n + j] * xi[j];
        si += qr[i * n + j] * xi[j] + qi[i * n + j] * xr[j];
      }
      vr[i * n + k] = sr;
      vi[i * n + k] = si;
      length = Math.hypot(length, Math.hypot(sr, si));
    }
    for (int i = 0; i < n; i++) {
      vr[i * n + k] /= length;
      vi[i * n + k] /= length;
    }
  }
}
