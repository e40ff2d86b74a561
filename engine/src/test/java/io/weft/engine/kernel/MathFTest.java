package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MathFTest {
  private interface Loop {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  private interface One {
    float of(float x);
  }

  /** Function, reference, largest error in units in the last place, smallest magnitude it holds. */
  enum Case {
    EXP(MathF::exp, MathF::exp, Math::exp, 1.5, -110, 95),
    LOG(MathF::log, MathF::log, Math::log, 1.5, 0, 1e38),
    TANH(MathF::tanh, MathF::tanh, Math::tanh, 2, -15, 15),
    SIGMOID(MathF::sigmoid, MathF::sigmoid, x -> 1 / (1 + Math.exp(-x)), 2.5, -110, 40),
    ERF(MathF::erf, MathF::erf, MathFTest::erf, 1, -5, 5),
    ERFC(MathF::erfc, MathF::erfc, MathFTest::erfc, 1, -5, 11),
    GELU(MathF::gelu, MathF::gelu, x -> 0.5 * x * erfc(-x * Math.sqrt(0.5)), 1, -14, 20),
    GELU_TANH(
        MathF::geluTanh,
        MathF::geluTanh,
        x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        40,
        -2,
        20),
    SILU(MathF::silu, MathF::silu, x -> x / (1 + Math.exp(-x)), 3, -87, 40),
    SOFTPLUS(
        MathF::softplus,
        MathF::softplus,
        x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        2.5,
        -100,
        60);

    final Loop loop;
    final One one;
    final DoubleUnaryOperator reference;
    final double ulps;
    final double low;
    final double high;

    Case(Loop loop, One one, DoubleUnaryOperator r, double ulps, double low, double high) {
      this.loop = loop;
      this.one = one;
      this.reference = r;
      this.ulps = ulps;
      this.low = low;
      this.high = high;
    }
  }

  /** Continued fraction and Taylor series in double, independent of the kernels. */
  private static double erfc(double x) {
    if (x < 0) {
      return 2 - erfc(-x);
    }
    if (x < 2) {
      return 1 - erf(x);
    }
    double t = x;
    for (int i = 300; i > 0; i--) {
      t = x + i / 2.0 / t;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / t;
  }

  private static double erf(double x) {
    if (Math.abs(x) >= 2) {
      return Math.signum(x) * (1 - erfc(Math.abs(x)));
    }
    double term = x;
    double sum = x;
    for (int i = 1; i < 100; i++) {
      term *= -x * x / i;
      sum += term / (2 * i + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void staysWithinItsBound(Case c) {
    int n = 40_000;
    float[] x = new float[n + 3];
    for (int i = 0; i < n; i++) {
      double u = c.low + (c.high - c.low) * i / (n - 1);
      x[3 + i] = (float) (c == Case.LOG ? Math.exp(-100 + 188.0 * i / n) : u);
    }
    for (int i = 0; i < 2000; i++) { // around 0 and very small
      x[3 + i * 20] = (float) ((i % 2 == 0 || c == Case.LOG ? 1 : -1) * Math.exp(-i / 20.0));
    }
    float[] y = new float[n + 5];
    c.loop.run(x, 3, y, 5, n);
    double worst = 0;
    float worstAt = 0;
    double worstOne = 0;
    for (int i = 0; i < n; i++) {
      double expected = c.reference.applyAsDouble(x[3 + i]);
      if (Math.abs(expected) > 1e30 * Float.MAX_VALUE) {
        continue;
      }
      double error = ulps(y[5 + i], expected);
      if (error > worst) {
        worst = error;
        worstAt = x[3 + i];
      }
      worstOne = Math.max(worstOne, ulps(c.one.of(x[3 + i]), expected));
    }
    int loopBound = c == Case.ERFC || c == Case.GELU ? 6 : 4; // as MathKernel says
    assertThat(worstOne).as("portable").isLessThanOrEqualTo(c.ulps);
    assertThat(worst).as("loop, at " + worstAt).isLessThanOrEqualTo(Math.max(loopBound, c.ulps));
  }

  @Test
  void slopeOfGelu() {
    int n = 30_011;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i % 3 == 0 ? (float) Math.exp(-i / 200.0) : (float) (-20 + 40.0 * i / n);
    }
    x[1] = Float.POSITIVE_INFINITY;
    x[2] = Float.NEGATIVE_INFINITY;
    x[4] = -0f;
    float[] y = new float[n + 2];
    MathF.geluSlope(x, 0, y, 2, n);
    for (int i = 5; i < n; i++) {
      double v = x[i];
      double density = Math.exp(-0.5 * v * v) / Math.sqrt(2 * Math.PI);
      double want = 0.5 * erfc(-v * Math.sqrt(0.5)) + v * density;
      assertThat((double) y[i + 2]).as("slope at %s", v).isCloseTo(want, within(3e-7));
    }
    assertThat(new float[] {y[3], y[4], y[6]})
        .containsExactly(new float[] {1, 0, 0.5f}, within(1e-7f));
    MathF.geluSlope(new float[] {Float.NaN}, 0, y, 0, 1);
    assertThat(y[0]).isNaN();
  }

  private static double ulps(float got, double expected) {
    if ((float) expected == got) {
      return 0;
    }
    return Math.abs(got - expected) / Math.max(Math.ulp((float) expected), Float.MIN_VALUE);
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void limitsAndNan(Case c) {
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {Float.NaN, inf, -inf, 0f, 1e38f, -1e38f, Float.MIN_VALUE, -Float.MIN_VALUE, 300f};
    float[] many = new float[40]; // long enough for vectors
    for (int i = 0; i < many.length; i++) {
      many[i] = x[i % x.length];
    }
    float[] y = new float[many.length];
    c.loop.run(many, 0, y, 0, many.length);
    for (int i = 0; i < many.length; i++) {
      float v = many[i];
      float expected = (float) c.reference.applyAsDouble(v);
      if (c == Case.GELU_TANH && v == -1e38f) {
        expected = -0f; // the cube overflows: the limit holds
      }
      if (Float.isNaN(expected)) {
        assertThat(y[i]).as("f(%s)", v).isNaN();
      } else {
        assertThat(ulps(y[i], expected)).as("f(%s) = %s", v, y[i]).isLessThanOrEqualTo(4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void inPlaceAndOddLengths(Case c) {
    for (int n : new int[] {0, 1, 7, 15, 16, 17, 33, 63}) {
      float[] x = new Rand(n).floats(n + 2);
      float[] y = x.clone();
      float[] z = new float[n + 2];
      c.loop.run(x, 1, z, 1, n);
      c.loop.run(y, 1, y, 1, n);
      assertThat(y[0]).isEqualTo(x[0]);
      assertThat(y[n + 1]).isEqualTo(x[n + 1]);
      for (int i = 1; i <= n; i++) {
        assertThat(Float.floatToIntBits(y[i])).isEqualTo(Float.floatToIntBits(z[i]));
      }
    }
  }
}
