package io.weft.machinecode.loops;

import io.weft.engine.kernel.RowLoops;
import java.util.Arrays;

/** Tries every function of {@link RowLoops} against sums in double before it serves. */
public final class RowSelfTest {
  private static final int ROWS = 3;
  private static final float EPSILON = 0.01f;
  private static final float CANARY = 12345f;

  private RowSelfTest() {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if a function gives a wrong number or writes beside its rows
   */
  public static void run(RowLoops k) {
    for (int n : new int[] {1, 77, 150}) {
      float[] x = new float[ROWS * n + 2];
      float[] parameters = new float[2 * n];
      for (int i = 0; i < x.length; i++) {
        x[i] = (i * 7 % 31 - 15) / 4f;
      }
      for (int i = 0; i < 2 * n; i++) {
        parameters[i] = (i % 5 - 1) / 2f;
      }
      softmax(k, x, n);
      strange(k, x.clone(), n);
      for (int way = 0; way < 6; way++) {
        norm(k, x, way < 4 ? parameters : null, way, n);
      }
      normGradient(k, x, true, n);
      normGradient(k, x, false, n);
      shifted(k, x, n);
    }
  }

  private static float[] result(int n) {
    float[] y = new float[ROWS * n + 2];
    Arrays.fill(y, CANARY);
    return y;
  }

  private static void softmax(RowLoops k, float[] x, int n) {
    float[] y = result(n);
    float[] log = result(n);
    float[] largest = new float[ROWS];
    float[] sum = new float[ROWS];
    k.softmax(x, 1, y, 1, largest, 0, sum, 0, ROWS, n);
    k.logSoftmax(x, 1, log, 1, ROWS, n);
    for (int r = 0; r < ROWS; r++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        max = Math.max(max, x[1 + r * n + i]);
      }
      double total = 0;
      for (int i = 0; i < n; i++) {
        total += Math.exp(x[1 + r * n + i] - max);
      }
      verify("largest", n, max, largest[r]);
      verify("sum", n, total, sum[r]);
      for (int i = 1 + r * n; i < 1 + r * n + n; i++) {
        verify("softmax", n, Math.exp(x[i] - max) / total, y[i]);
        verify("logSoftmax", n, x[i] - max - Math.log(total), log[i]);
      }
    }
    beside(y, log);
  }

  /** Rows with NaN, with infinity, and of -infinity. */
  private static void strange(RowLoops k, float[] x, int n) {
    x[n] = Float.NaN;
    x[1 + n] = Float.POSITIVE_INFINITY;
    Arrays.fill(x, 1 + 2 * n, 1 + 3 * n, Float.NEGATIVE_INFINITY);
    float[] y = result(n);
    k.softmax(x, 1, y, 1, null, 0, null, 0, ROWS, n);
    for (int i = 1; i < 1 + 3 * n; i++) {
      boolean none = i == n || i == 1 + n || i >= 1 + 2 * n;
      verify("softmax", n, none ? Double.NaN : 0, y[i]);
    }
    beside(y);
  }

  private static void norm(RowLoops k, float[] x, float[] parameters, int way, int n) {
    boolean centered = way != 3 && way != 5;
    float[] gamma = way == 1 ? null : parameters;
    float[] beta = way == 2 || way == 3 ? null : parameters;
    float[] y = result(n);
    float[] mean = new float[ROWS];
    float[] rstd = new float[ROWS];
    k.norm(centered, x, 1, gamma, 0, beta, n, EPSILON, y, 1, mean, 0, rstd, 0, ROWS, n);
    for (int r = 0; r < ROWS; r++) {
      double m = 0;
      double v = 0;
      for (int i = 0; i < n && centered; i++) {
        m += x[1 + r * n + i] / (double) n;
      }
      for (int i = 0; i < n; i++) {
        v += (x[1 + r * n + i] - m) * (x[1 + r * n + i] - m) / n;
      }
      double s = 1 / Math.sqrt(v + EPSILON);
      verify("mean", n, m, mean[r]);
      verify("rstd", n, s, rstd[r]);
      for (int i = 0; i < n; i++) {
        double g = gamma == null ? 1 : gamma[i];
        double b = beta == null ? 0 : beta[n + i];
        verify("norm", n, (x[1 + r * n + i] - m) * s * g + b, y[1 + r * n + i]);
      }
    }
    beside(y);
  }

  private static void normGradient(RowLoops k, float[] x, boolean centered, int n) {
    float[] mean = {0.5f, -0.25f, 1f};
    float[] rstd = {1f, 0.5f, 2f};
    float[] dy = new float[ROWS * n];
    float[] p = new float[3 * n + 1];
    double[] sums = new double[2 * n];
    for (int i = 0; i < dy.length; i++) {
      dy[i] = (i * 5 % 17 - 8) / 8f;
      p[i] = (i % 3 + 1) / 2f;
    }
    p[3 * n] = CANARY;
    for (int i = 0; i < 2 * n; i++) {
      sums[i] = p[n + i];
    }
    float[] dx = result(n);
    float[] gamma = p.clone();
    k.normGradient(centered, x, 1, mean, 0, rstd, 0, dy, 0, dx, 1, p, 0, ROWS, n);
    for (int r = 0; r < ROWS; r++) {
      double a = 0;
      double b = 0;
      double m = centered ? mean[r] : 0;
      for (int i = 0; i < n; i++) {
        double h = (x[1 + r * n + i] - m) * rstd[r];
        double d = dy[r * n + i];
        a += centered ? d * gamma[i] / n : 0;
        b += d * gamma[i] * h / n;
        sums[i] += d * h;
        sums[n + i] += d;
      }
      for (int i = 0; i < n; i++) {
        double h = (x[1 + r * n + i] - m) * rstd[r];
        double g = dy[r * n + i] * gamma[i];
        verify("normGradient", n, rstd[r] * (g - a - h * b), dx[1 + r * n + i]);
      }
    }
    for (int i = 0; i < 2 * n; i++) {
      verify("normGradient", n, sums[i], p[n + i]);
    }
    verify("beside", n, CANARY, p[3 * n]);
    beside(dx);
  }

  /** Functions with a number given for each row, and the sum of products. */
  private static void shifted(RowLoops k, float[] x, int n) {
    float[] shift = {0.5f, -0.25f, 1f};
    float[] powers = result(n);
    float[] centered = result(n);
    float[] dots = new float[ROWS];
    k.powers(x, 1, shift, 0, powers, 1, ROWS, n);
    k.centered(x, 1, x, 1, shift, 0, 0.5f, centered, 1, ROWS, n);
    k.dots(x, 1, x, 1, n, dots, 0, ROWS, n);
    for (int r = 0; r < ROWS; r++) {
      double dot = 0;
      for (int i = 1 + r * n; i < 1 + r * n + n; i++) {
        verify("powers", n, Math.exp(x[i] - shift[r]), powers[i]);
        verify("centered", n, x[i] * (x[i] - shift[r]) * 0.5, centered[i]);
        dot += x[i] * x[i];
      }
      verify("dots", n, dot, dots[r]);
    }
    beside(powers, centered);
  }

  private static void beside(float[]... results) {
    for (float[] y : results) {
      verify("beside", y.length, CANARY, y[0]);
      verify("beside", y.length, CANARY, y[y.length - 1]);
    }
  }

  private static void verify(String name, int n, double expected, float got) {
    boolean same = Double.isNaN(expected) && Float.isNaN(got);
    if (!same && !(Math.abs(expected - got) <= 5e-6 * (1 + Math.abs(expected)))) {
      throw new IllegalStateException(
          "machine code: " + name + " of " + n + " elements gave " + got + " for " + expected);
    }
  }
}
