package io.weft.machinecode.loops;

import io.weft.engine.kernel.MathF;
import io.weft.engine.kernel.MathKernel;
import java.util.Arrays;

/**
 * Tries every function of a {@link MathKernel} against the scalar one before it serves, with a
 * length that is no multiple of a vector, limits, and numbers of all sizes.
 */
public final class MathSelfTest {
  private static final float CANARY = 12345f;
  private static final int LSTM_UNITS = 21;
  private static final float[] ARGUMENTS = {
    0f,
    -0f,
    1e-30f,
    -1e-3f,
    0.3f,
    -0.49f,
    0.51f,
    0.62f,
    0.63f,
    -0.89f,
    0.91f,
    1f,
    -1.5f,
    2.7f,
    3.1f,
    -4.2f,
    5.5f,
    8f,
    -9.9f,
    10.5f,
    11f,
    14.8f,
    -15f,
    20f,
    33f,
    -60f,
    87f,
    -88f,
    100f,
    -104f,
    Float.MIN_VALUE,
    1e30f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private MathSelfTest() {}

  /** One function of a kernel. */
  private interface Loop {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  /** The same of one value. */
  private interface Scalar {
    float of(float x);
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException if a function gives a wrong number or writes beside its run
   */
  public static void run(MathKernel k) {
    check("exp", k::exp, MathF::exp);
    check("log", k::log, MathF::log);
    check("tanh", k::tanh, MathF::tanh);
    check("sigmoid", k::sigmoid, MathF::sigmoid);
    check("erf", k::erf, MathF::erf);
    check("erfc", k::erfc, MathF::erfc);
    check("gelu", k::gelu, MathF::gelu);
    check("geluTanh", k::geluTanh, MathF::geluTanh);
    check("silu", k::silu, MathF::silu);
    check("geluSlope", k::geluSlope, MathSelfTest::geluSlope);
    check("softplus", k::softplus, MathF::softplus);
    checkLstm(k, false);
    checkLstm(k, true);
  }

  private static void checkLstm(MathKernel k, boolean keep) {
    int rows = 2;
    int u = LSTM_UNITS;
    int n = rows * u;
    float[] ifo = new float[3 * n + 2];
    float[] g = new float[n + 2];
    float[] c = new float[n + 1];
    float[] h = new float[n + 1];
    for (int i = 0; i < ifo.length; i++) {
      ifo[i] = ARGUMENTS[i % 12];
    }
    for (int i = 0; i < g.length; i++) {
      g[i] = ARGUMENTS[(i + 5) % 12];
    }
    for (int i = 0; i < n; i++) {
      c[i] = ARGUMENTS[(i + 3) % 12];
    }
    c[n] = CANARY;
    h[n] = CANARY;
    float[] before = c.clone();
    float[] sums = ifo.clone();
    k.lstmStep(rows, u, ifo, 1, g, 1, c, h, keep);
    for (int i = 0; i < n; i++) {
      int at = 1 + i / u * 3 * u + i % u;
      float input = MathF.sigmoid(sums[at]);
      float candidate = MathF.tanh(ARGUMENTS[(i + 6) % 12]);
      float forget = MathF.sigmoid(sums[at + u]);
      float carry = forget * before[i] + input * candidate;
      near("carry", carry, c[i]);
      near("state", MathF.sigmoid(sums[at + 2 * u]) * MathF.tanh(carry), h[i]);
      if (keep) {
        near("input gate", input, ifo[at]);
        near("forget gate", forget, ifo[at + u]);
        near("candidate", candidate, g[1 + i]);
      }
    }
    near("number before", sums[0], ifo[0]);
    near("number behind", sums[3 * n + 1], ifo[3 * n + 1]);
    near("carry behind", CANARY, c[n]);
    near("state behind", CANARY, h[n]);
  }

  private static void near(String what, float expected, float got) {
    if (!(Math.abs(got - expected) <= 1e-5f * Math.abs(expected) + 1e-7f)) {
      throw new IllegalStateException(
          "machine code: a step of an LSTM gave " + got + " for " + expected + ", its " + what);
    }
  }

  private static float geluSlope(float x) {
    double d = Math.max(-30, Math.min(30, (double) x));
    double density = Math.exp(-0.5 * d * d) / Math.sqrt(2 * Math.PI);
    return (float) (0.5 * MathF.erfc((float) (-d / Math.sqrt(2))) + d * density);
  }

  private static void check(String name, Loop loop, Scalar scalar) {
    int n = ARGUMENTS.length;
    float least = name.equals("geluSlope") ? 5e-7f : 1e-37f; // a sum that nearly cancels
    float[] y = new float[n + 2];
    Arrays.fill(y, CANARY);
    loop.run(ARGUMENTS, 0, y, 1, n);
    boolean inside = y[0] == CANARY && y[n + 1] == CANARY;
    for (int i = 0; i < n; i++) {
      float expected = scalar.of(ARGUMENTS[i]);
      float got = y[i + 1];
      boolean same = Float.compare(expected, got) == 0 || expected == got;
      if (!inside || !same && !(Math.abs(got - expected) <= 5e-6f * Math.abs(expected) + least)) {
        throw new IllegalStateException(
            "machine code: " + name + "(" + ARGUMENTS[i] + ") gave " + got + " for " + expected);
      }
    }
  }
}
