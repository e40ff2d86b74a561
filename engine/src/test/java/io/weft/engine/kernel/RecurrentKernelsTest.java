package io.weft.engine.kernel;

import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forward against double loops over the equations, backward against central differences. */
class RecurrentKernelsTest {
  /** Operands of one random problem, float and double. */
  private static final class Problem {
    final RnnShape s;
    final int gates;
    final int biasRows;
    final float[] x;
    final float[] w;
    final float[] r;
    final float[] b;
    final float[] h0;
    final float[] c0;
    final float[] dh;
    final float[] dhLast;
    final float[] dcLast;

    Problem(int seed, int gates, int biasRows) {
      Rand rand = new Rand(seed);
      this.gates = gates;
      this.biasRows = biasRows;
      boolean big = seed == 4;
      s =
          new RnnShape(
              rand.in(1, 4),
              seed == 0 ? 1 : rand.in(2, 5),
              big ? 40 : rand.in(1, 5),
              big ? 33 : rand.in(1, 6),
              seed % 2 == 1);
      int u = s.units();
      x = rand.floats(s.rows() * s.features());
      w = rand.floats(s.features() * gates * u);
      r = rand.floats(u * gates * u);
      b = rand.floats(gates * u * biasRows);
      h0 = rand.floats(s.batch() * u);
      c0 = rand.floats(s.batch() * u);
      dh = rand.floats(s.rows() * u);
      dhLast = rand.floats(s.batch() * u);
      dcLast = rand.floats(s.batch() * u);
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double matmul(double[] a, int ao, double[] m, int width, int column, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += a[ao + i] * m[i * width + column];
    }
    return sum;
  }

  private interface Cell {
    /** New state of batch row {@code at / u} from z = x·W + b (gates·u columns). */
    void step(double[] z, double[] h, double[] c, int at, double[] next);
  }

  /** Runs the cell over all steps; returns h (batch, steps, units) then the last h, last c. */
  private static double[] run(Problem p, double[][] v, Cell cell) {
    RnnShape s = p.s;
    int u = s.units();
    int width = p.gates * u;
    double[] h = v[4].clone();
    double[] c = v[5].clone();
    double[] out = new double[s.rows() * u + 2 * s.batch() * u];
    double[] z = new double[width];
    double[] next = new double[u];
    for (int b = 0; b < s.batch(); b++) {
      for (int t = 0; t < s.steps(); t++) {
        int row = b * s.steps() + (s.reverse() ? s.steps() - 1 - t : t);
        for (int j = 0; j < width; j++) {
          z[j] = matmul(v[0], row * s.features(), v[1], width, j, s.features()) + v[3][j];
        }
        cell.step(z, h, c, b * u, next);
        System.arraycopy(next, 0, h, b * u, u);
        System.arraycopy(next, 0, out, (b * s.steps() + t) * u, u);
      }
    }
    System.arraycopy(h, 0, out, s.rows() * u, h.length);
    System.arraycopy(c, 0, out, s.rows() * u + h.length, c.length);
    return out;
  }

  private static double[][] values(Problem p) {
    float[][] f = {p.x, p.w, p.r, p.b, p.h0, p.c0};
    double[][] v = new double[f.length][];
    for (int i = 0; i < f.length; i++) {
      v[i] = Rand.doubles(f[i], 0, f[i].length);
    }
    return v;
  }

  private static double loss(Problem p, double[] out) {
    int n = p.dh.length;
    double sum = 0;
    for (int i = 0; i < out.length; i++) {
      float d =
          i < n
              ? p.dh[i]
              : i < n + p.dhLast.length ? p.dhLast[i - n] : p.dcLast[i - n - p.dhLast.length];
      sum += out[i] * d;
    }
    return sum;
  }

  private static void compare(
      Problem p, Function<double[][], double[]> forward, float[] h, float[][] gradients) {
    double[][] v = values(p);
    double[] out = forward.apply(v);
    double[] states = java.util.Arrays.copyOf(out, p.dh.length);
    Rand.close("h", h, 0, states, 5e-6);
    String[] names = {"dx", "dw", "dr", "db", "dh0", "dc0"};
    for (int g = 0; g < gradients.length; g++) {
      if (gradients[g] == null) {
        continue;
      }
      int step = Math.max(1, v[g].length / 60);
      for (int i = 0; i < v[g].length; i += step) {
        double e = 1e-5;
        double old = v[g][i];
        v[g][i] = old + e;
        double up = loss(p, forward.apply(v));
        v[g][i] = old - e;
        double down = loss(p, forward.apply(v));
        v[g][i] = old;
        Rand.close(names[g] + i, gradients[g], i, new double[] {(up - down) / (2 * e)}, 2e-4);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void lstm(int seed) {
    Problem p = new Problem(seed, 4, 1);
    RnnShape s = p.s;
    int u = s.units();
    Function<double[][], double[]> forward =
        v ->
            run(
                p,
                v,
                (z, h, c, at, next) -> {
                  double[] a = new double[4 * u];
                  for (int j = 0; j < 4 * u; j++) {
                    a[j] = z[j] + matmul(h, at, v[2], 4 * u, j, u);
                  }
                  for (int j = 0; j < u; j++) {
                    c[at + j] =
                        sigmoid(a[u + j]) * c[at + j] + sigmoid(a[j]) * Math.tanh(a[2 * u + j]);
                    next[j] = sigmoid(a[3 * u + j]) * Math.tanh(c[at + j]);
                  }
                });
    float[] h = new float[s.rows() * u];
    float[] c = new float[s.rows() * u];
    float[] gates = new float[s.rows() * 4 * u];
    float[][] g = gradients(p);
    RnnWeights w = RnnWeights.pack(s.features(), u, 4, p.w);
    RnnWeights r = RnnWeights.pack(u, u, 4, p.r);
    float[] cLast = new float[s.batch() * u];
    LstmKernels.forward(
        s,
        Span.of(p.x),
        w,
        r,
        Span.of(p.b),
        Span.of(p.h0),
        Span.of(p.c0),
        Span.of(h),
        Span.of(cLast),
        Span.of(c),
        Span.of(gates));
    LstmKernels.backward(
        s,
        Span.of(p.x),
        Span.of(p.w),
        Span.of(p.r),
        Span.of(p.h0),
        Span.of(p.c0),
        Span.of(h),
        Span.of(c),
        Span.of(gates),
        Span.of(p.dh),
        Span.of(p.dhLast),
        Span.of(p.dcLast),
        Span.of(g[0]),
        Span.of(g[1]),
        Span.of(g[2]),
        Span.of(g[3]),
        Span.of(g[4]),
        Span.of(g[5]));
    compare(p, forward, h, g);
  }

  private static float[][] gradients(Problem p) {
    float[][] f = {p.x, p.w, p.r, p.b, p.h0, p.c0};
    float[][] g = new float[f.length][];
    for (int i = 0; i < f.length; i++) {
      g[i] = new float[f[i].length];
      java.util.Arrays.fill(g[i], Float.NaN);
    }
    return g;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void gru(int number) {
    boolean after = number % 2 == 0;
    Problem p = new Problem(number / 2 + (number >= 6 ? 1 : 0), 3, after ? 2 : 1);
    java.util.Arrays.fill(p.dcLast, 0f);
    RnnShape s = p.s;
    int u = s.units();
    Function<double[][], double[]> forward =
        v ->
            run(
                p,
                v,
                (z, h, c, at, next) -> {
                  double[] q = new double[u];
                  for (int j = 0; j < u; j++) {
                    double a = z[u + j] + matmul(h, at, v[2], 3 * u, u + j, u);
                    q[j] = sigmoid(a + (after ? v[3][4 * u + j] : 0)) * h[at + j];
                  }
                  for (int j = 0; j < u; j++) {
                    double reset =
                        sigmoid(
                            z[u + j]
                                + matmul(h, at, v[2], 3 * u, u + j, u)
                                + (after ? v[3][4 * u + j] : 0));
                    double update =
                        sigmoid(
                            z[j]
                                + matmul(h, at, v[2], 3 * u, j, u)
                                + (after ? v[3][3 * u + j] : 0));
                    double in =
                        after
                            ? reset * (matmul(h, at, v[2], 3 * u, 2 * u + j, u) + v[3][5 * u + j])
                            : matmul(q, 0, v[2], 3 * u, 2 * u + j, u);
                    next[j] = update * h[at + j] + (1 - update) * Math.tanh(z[2 * u + j] + in);
                  }
                });
    float[] h = new float[s.rows() * u];
    float[] inner = new float[s.rows() * u];
    float[] gates = new float[s.rows() * 3 * u];
    float[][] g = gradients(p);
    g[5] = null;
    GruKernels.forward(
        s,
        after,
        Span.of(p.x),
        RnnWeights.pack(s.features(), u, 3, p.w),
        RnnWeights.pack(u, u, 3, p.r),
        Span.of(p.b),
        Span.of(p.h0),
        Span.of(h),
        Span.of(gates),
        Span.of(inner));
    GruKernels.backward(
        s,
        after,
        Span.of(p.x),
        Span.of(p.w),
        Span.of(p.r),
        Span.of(p.h0),
        Span.of(h),
        Span.of(gates),
        Span.of(inner),
        Span.of(p.dh),
        Span.of(p.dhLast),
        Span.of(g[0]),
        Span.of(g[1]),
        Span.of(g[2]),
        Span.of(g[3]),
        Span.of(g[4]));
    compare(p, forward, h, g);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void simple(int seed) {
    Problem p = new Problem(seed, 1, 1);
    java.util.Arrays.fill(p.dcLast, 0f);
    RnnShape s = p.s;
    int u = s.units();
    StepActivation act = StepActivation.values()[seed % 4];
    Function<double[][], double[]> forward =
        v ->
            run(
                p,
                v,
                (z, h, c, at, next) -> {
                  for (int j = 0; j < u; j++) {
                    double a = z[j] + matmul(h, at, v[2], u, j, u);
                    next[j] =
                        switch (act) {
                          case TANH -> Math.tanh(a);
                          case SIGMOID -> sigmoid(a);
                          case RELU -> Math.max(a, 0);
                          case LINEAR -> a;
                        };
                  }
                });
    float[] h = new float[s.rows() * u];
    float[][] g = gradients(p);
    g[5] = null;
    SimpleRnnKernels.forward(
        s,
        act,
        Span.of(p.x),
        RnnWeights.pack(s.features(), u, 1, p.w),
        RnnWeights.pack(u, u, 1, p.r),
        Span.of(p.b),
        Span.of(p.h0),
        Span.of(h));
    SimpleRnnKernels.backward(
        s,
        act,
        Span.of(p.x),
        Span.of(p.w),
        Span.of(p.r),
        Span.of(p.h0),
        Span.of(h),
        Span.of(p.dh),
        Span.of(p.dhLast),
        Span.of(g[0]),
        Span.of(g[1]),
        Span.of(g[2]),
        Span.of(g[3]),
        Span.of(g[4]));
    compare(p, forward, h, g);
  }
}
