package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowKernelsTest {
  private static double[] softmax(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v);
    }
    double sum = 0;
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.exp(x[i] - max);
      sum += y[i];
    }
    for (int i = 0; i < y.length; i++) {
      y[i] /= sum;
    }
    return y;
  }

  private static double lse(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v);
    }
    return Math.log(sum);
  }

  /** Central differences of {@code f} at x. */
  private static double[] gradient(double[] x, ToDoubleFunction<double[]> f) {
    double[] g = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double h = 1e-5;
      double[] y = x.clone();
      y[i] = x[i] + h;
      double up = f.applyAsDouble(y);
      y[i] = x[i] - h;
      g[i] = (up - f.applyAsDouble(y)) / (2 * h);
    }
    return g;
  }

  private static double dot(double[] a, double[] b) {
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    return s;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 33, 513, 1500})
  void softmaxFamily(int n) {
    int rows = 5;
    Rand random = new Rand(n);
    float[] x = random.floats(rows * n + 3);
    float[] d = random.floats(rows * n);
    float[] y = new float[rows * n + 1];
    float[] log = new float[rows * n];
    float[] sums = new float[rows];
    float[] g = new float[rows * n];
    float[] gl = new float[rows * n];
    float[] gs = new float[rows * n];
    RowKernels.softmax(x, 3, y, 1, rows, n);
    RowKernels.logSoftmax(x, 3, log, 0, rows, n);
    RowKernels.logSumExp(x, 3, sums, 0, rows, n);
    RowKernels.softmaxGradient(y, 1, d, 0, g, 0, rows, n);
    RowKernels.logSoftmaxGradient(log, 0, d, 0, gl, 0, rows, n);
    RowKernels.logSumExpGradient(x, 3, sums, 0, d, 0, gs, 0, rows, n);
    for (int r = 0; r < rows; r++) {
      double[] row = Rand.doubles(x, 3 + r * n, n);
      double[] dy = Rand.doubles(d, r * n, n);
      double[] p = softmax(row);
      double total = lse(row);
      Rand.close("softmax", y, 1 + r * n, p, 1e-6);
      double[] logs = new double[n];
      double[] scaled = new double[n];
      double[] grad = new double[n];
      double[] logGrad = new double[n];
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += dy[i];
      }
      for (int i = 0; i < n; i++) {
        logs[i] = row[i] - total;
        scaled[i] = p[i] * d[r];
        grad[i] = p[i] * (dy[i] - dot(p, dy));
        logGrad[i] = dy[i] - p[i] * sum;
      }
      Rand.close("log softmax", log, r * n, logs, 1e-6);
      Rand.close("log-sum-exp", sums, r, new double[] {total}, 1e-6);
      Rand.close("softmax gradient", g, r * n, grad, 1e-6);
      Rand.close("log softmax gradient", gl, r * n, logGrad, 1e-5);
      Rand.close("log-sum-exp gradient", gs, r * n, scaled, 1e-6);
    }
  }

  @Test
  void extremeRows() {
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {1e30f, -inf, 0f, 3e38f, -3e38f, 0f, -inf, -inf, -inf, 1f, Float.NaN, 2f};
    float[] y = new float[12];
    RowKernels.softmax(x, 0, y, 0, 4, 3);
    assertThat(y).startsWith(1f, 0f, 0f, 1f, 0f, 0f);
    for (int i : new int[] {6, 7, 8, 10}) { // NaN stays at its place, as with TensorFlow
      assertThat(y[i]).isNaN();
    }
    assertThat(y[9]).isZero();
    assertThat(y[11]).isZero();
    float[] s = new float[4];
    RowKernels.logSumExp(x, 0, s, 0, 4, 3);
    assertThat(s[0]).isEqualTo(1e30f);
    assertThat(s[2]).isEqualTo(-inf);
    assertThat(s[3]).isNaN();
    RowKernels.logSumExp(x, 0, s, 0, 1, 0);
    assertThat(s[0]).isEqualTo(-inf);
  }

  private static double[] norm(double[] x, double[] gamma, double eps, boolean centered) {
    double mean = 0;
    for (double v : x) {
      mean += centered ? v / x.length : 0;
    }
    double var = 0;
    for (double v : x) {
      var += (v - mean) * (v - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (x[i] - mean) / Math.sqrt(var + eps) * gamma[i];
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7, 64, 130})
  void normsAndTheirGradients(int n) {
    int rows = 70;
    Rand random = new Rand(n);
    float[] x = random.floats(rows * n + 1);
    float[] gamma = random.floats(n + 2);
    float[] beta = random.floats(n);
    float[] dy = random.floats(rows * n);
    for (boolean centered : new boolean[] {true, false}) {
      float[] y = new float[rows * n];
      float[] mean = new float[rows];
      float[] rstd = new float[rows];
      if (centered) {
        RowKernels.layerNorm(x, 1, gamma, 2, beta, 0, 1e-3f, y, 0, mean, 0, rstd, 0, rows, n);
      } else {
        RowKernels.rmsNorm(x, 1, gamma, 2, 1e-3f, y, 0, rstd, 0, rows, n);
      }
      float[] dx = new float[rows * n];
      float[] dgamma = new float[n];
      float[] dbeta = new float[n];
      RowKernels.normGradient(
          x,
          1,
          centered ? mean : null,
          0,
          rstd,
          0,
          gamma,
          2,
          dy,
          0,
          dx,
          0,
          dgamma,
          0,
          dbeta,
          0,
          rows,
          n);
      double[] gd = Rand.doubles(gamma, 2, n);
      double[] sumGamma = new double[n];
      double[] sumBeta = new double[n];
      double[] ones = new double[n];
      java.util.Arrays.fill(ones, 1);
      for (int r = 0; r < rows; r++) {
        double[] row = Rand.doubles(x, 1 + r * n, n);
        double[] d = Rand.doubles(dy, r * n, n);
        double[] hat = norm(row, ones, 1e-3, centered);
        double[] expected = norm(row, gd, 1e-3, centered);
        for (int i = 0; i < n; i++) {
          expected[i] += centered ? beta[i] : 0;
          sumGamma[i] += d[i] * hat[i];
          sumBeta[i] += d[i];
        }
        Rand.close("norm", y, r * n, expected, 2e-5);
        if (r < 3) {
          double[] g = gradient(row, v -> dot(norm(v, gd, 1e-3, centered), d));
          Rand.close("dx", dx, r * n, g, 1e-4);
        }
      }
      Rand.close("dgamma", dgamma, 0, sumGamma, 1e-4);
      Rand.close("dbeta", dbeta, 0, sumBeta, 1e-5);
    }
  }
}
