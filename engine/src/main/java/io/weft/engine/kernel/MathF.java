package io.weft.engine.kernel;

import io.weft.engine.tier.KernelTier;

/**
 * Float functions of one value, and loops of them over arrays.
 *
 * <p>Largest errors in units in the last place, normal results: exp 1, log 1, tanh 2, sigmoid 2.5,
 * erf and erfc 1, gelu 1, silu 3, softplus 2.5 (tested against double). Overflow, denormal results,
 * infinities and NaN come out as the mathematical limit. The vector tier keeps the bounds of {@link
 * MathKernel}, not the same bits.
 *
 * <p>Loops: {@code y[yo + i] = f(x[xo + i])} for i &lt; n; y may be x at the same offset.
 */
public final class MathF {
  private static final String VECTOR_KERNEL = "io.weft.engine.simd.VectorMathKernel";
  private static final int SHORT = 32; // such runs do not wait for machine code

  static final float LOG2E = 1.44269504088896341f;
  static final float LN2_HI = 0.693359375f;
  static final float LN2_LO = -2.12194440e-4f;
  static final float ROUND = 12582912f; // 1.5 · 2^23: adding it rounds to an integer
  private static final double SQRT_HALF = 0.70710678118654752440;
  private static final float SQRT_2_PI = 0.7978845608028654f;

  private MathF() {}

  private static MathKernel orPortable(MathKernel k) {
    return k != null ? k : new ScalarMathKernel();
  }

  /** For all runs that are not short. */
  private static final class Whole {
    static final MathKernel KERNEL =
        orPortable(KernelTier.fastest(MathKernel.class, VECTOR_KERNEL));
  }

  /** For short runs where another kernel may take time to start. */
  private static final class InJava {
    static final MathKernel KERNEL =
        orPortable(KernelTier.implementation(MathKernel.class, VECTOR_KERNEL));
  }

  private static MathKernel kernel(int n) {
    return n < SHORT && KernelTier.isMachinePossible() ? InJava.KERNEL : Whole.KERNEL;
  }

  /** {@code e^x}. */
  public static float exp(float x) {
    float t = Math.max(-104f, Math.min(89f, x)); // both limits are past 0 and infinity
    float n = t * LOG2E + ROUND - ROUND;
    float r = t - n * LN2_HI - n * LN2_LO;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float y = p * (r * r) + r + 1f;
    return scale(y, (int) n);
  }

  /** {@code y · 2^e} in two factors: one alone would overflow or flush denormals. */
  static float scale(float y, int e) {
    int half = e >> 1;
    return y
        * Float.intBitsToFloat((half + 127) << 23)
        * Float.intBitsToFloat((e - half + 127) << 23);
  }

  /** Natural logarithm; NaN below 0, -infinity at 0. */
  public static float log(float x) {
    boolean tiny = x < Float.MIN_NORMAL;
    float s = tiny ? x * 33554432f : x; // 2^25 makes denormals normal
    int bits = Float.floatToRawIntBits(s);
    int e = (bits - 0x3f3504f3) >> 23; // exponent such that m lies in [sqrt(1/2), sqrt(2))
    float m = Float.intBitsToFloat(bits - (e << 23)) - 1f;
    float n = tiny ? e - 25 : e;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float z = m * m;
    float y = m * z * p + n * LN2_LO - 0.5f * z;
    float result = m + y + n * LN2_HI;
    if (x > 0f && x < Float.POSITIVE_INFINITY) {
      return result;
    }
    return x == 0f ? Float.NEGATIVE_INFINITY : x < 0f ? Float.NaN : x; // infinity and NaN stay
  }

  /** Hyperbolic tangent. */
  public static float tanh(float x) {
    return tanh(x, exp(2f * Math.abs(x)));
  }

  /** From {@code e = e^(2|x|)}. */
  static float tanh(float x, float e) {
    float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    float small = x + x * z * p;
    float large = 1f - 2f / (e + 1f);
    return Math.abs(x) < 0.625f ? small : Math.copySign(large, x);
  }

  /** {@code 1 / (1 + e^-x)}, accurate for large negative x too. */
  public static float sigmoid(float x) {
    return sigmoid(x, exp(-Math.abs(x)));
  }

  /** From {@code e = e^-|x|}. */
  static float sigmoid(float x, float e) {
    return (x < 0f ? e : 1f) / (1f + e);
  }

  /** Error function. */
  public static float erf(float x) {
    double d = x;
    double a = Math.abs(d);
    if (a < 0.9) {
      return (float) (d * erfSmall(d * d));
    }
    double r = 1.0 - erfcPositive(a);
    return (float) (d < 0 ? -r : r);
  }

  /** {@code 1 - erf(x)}, accurate for large x too. */
  public static float erfc(float x) {
    return (float) erfcDouble(x);
  }

  /** {@code x · Φ(x)} with the normal distribution function; NaN at -infinity, as Keras. */
  public static float gelu(float x) {
    return (float) (0.5 * x * erfcDouble(-SQRT_HALF * x));
  }

  /** The usual approximation of {@link #gelu} by a hyperbolic tangent. */
  public static float geluTanh(float x) {
    return x * sigmoid(2f * SQRT_2_PI * (x + 0.044715f * x * x * x));
  }

  /** {@code x · sigmoid(x)}. */
  public static float silu(float x) {
    return x * sigmoid(x);
  }

  /** {@code log(1 + e^x)}. */
  public static float softplus(float x) {
    float e = exp(-Math.abs(x));
    float u = 1f + e;
    float correction = (e - (u - 1f)) / u; // what rounding to u lost
    return Math.max(x, 0f) + (log(u) + correction);
  }

  private static double erfcDouble(double x) {
    if (Math.abs(x) < 0.5) {
      return 1.0 - x * erfSmall(x * x);
    }
    double tail = erfcPositive(Math.abs(x));
    return x < 0 ? 2.0 - tail : tail;
  }

  /** {@code erf(x) / x} of {@code s = x²} in [0, 1]: Chebyshev fit, relative error 1.4e-9. */
  private static double erfSmall(double s) {
    double p = 7.882497104105823e-05;
    p = p * s - 0.0008018854991185265;
    p = p * s + 0.005189311942516817;
    p = p * s - 0.026854328795967497;
    p = p * s + 0.11283597463484307;
    p = p * s - 0.37612626903579677;
    return p * s + 1.128379165881502;
  }

  /** erfc for x ≥ 0: {@code e^(-x²) P(t) / (1 + 2x)}, t = (x-3)/(x+3); relative error 4.5e-9. */
  private static double erfcPositive(double x) {
    double a = Math.min(x, 30.0); // 0 as a float long before; keeps infinity out of t
    double t = (a - 3.0) / (a + 3.0);
    double p = 7.731024254908903e-05;
    p = p * t - 9.254516692536185e-05;
    p = p * t - 0.0007264536799906907;
    p = p * t + 0.0018750791239083853;
    p = p * t + 0.0024991168706960387;
    p = p * t - 0.02376357643961091;
    p = p * t + 0.06831656777059197;
    p = p * t - 0.11927527528220014;
    p = p * t + 0.12964411434419665;
    p = p * t - 0.04756215692752544;
    p = p * t - 0.13562106940028087;
    p = p * t + 1.2530080563677553;
    return Math.exp(-a * a) * p / (1.0 + 2.0 * a);
  }

  /** {@link #exp(float)} over an array. */
  public static void exp(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).exp(x, xo, y, yo, n);
  }

  /** {@link #log(float)} over an array. */
  public static void log(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).log(x, xo, y, yo, n);
  }

  /** {@link #tanh(float)} over an array. */
  public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).tanh(x, xo, y, yo, n);
  }

  /** {@link #sigmoid(float)} over an array. */
  public static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).sigmoid(x, xo, y, yo, n);
  }

  /** {@link MathKernel#lstmStep}. */
  static void lstmStep(
      int rows, int u, float[] ifo, int z, float[] g, int zg, float[] c, float[] h, boolean keep) {
    kernel(u).lstmStep(rows, u, ifo, z, g, zg, c, h, keep);
  }

  /** {@link #erf(float)} over an array. */
  public static void erf(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).erf(x, xo, y, yo, n);
  }

  /** {@link #erfc(float)} over an array. */
  public static void erfc(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).erfc(x, xo, y, yo, n);
  }

  /** {@link #gelu(float)} over an array. */
  public static void gelu(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).gelu(x, xo, y, yo, n);
  }

  /** The derivative of {@link #gelu}, {@code Φ(x) + x φ(x)}, over an array; error at most 3e-7. */
  public static void geluSlope(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).geluSlope(x, xo, y, yo, n);
  }

  /** {@link #geluTanh(float)} over an array. */
  public static void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).geluTanh(x, xo, y, yo, n);
  }

  /** {@link #silu(float)} over an array. */
  public static void silu(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).silu(x, xo, y, yo, n);
  }

  /** {@link #softplus(float)} over an array. */
  public static void softplus(float[] x, int xo, float[] y, int yo, int n) {
    kernel(n).softplus(x, xo, y, yo, n);
  }

  /** Sine over an array, through double. */
  public static void sin(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.sin(x[xo + i]);
    }
  }

  /** Cosine over an array, through double. */
  public static void cos(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.cos(x[xo + i]);
    }
  }
}
