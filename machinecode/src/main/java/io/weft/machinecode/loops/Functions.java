package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Op;

/**
 * Functions of one vector: X becomes f(X). Formulas, limits and bounds as the engine's {@code
 * MathF}; NaN comes through everywhere because MIN and MAX give their second operand then.
 *
 * <pre>
 * v0  X: argument and result     v4 … v7    of exp and log
 * v1  the argument, kept         v8, v9     of what calls them
 * v2  |x| or the like            v10        mask of a comparison (AVX2)
 * v3  e^…
 * </pre>
 */
final class Functions {
  static final int X = 0;
  private static final int KEPT = 1;
  private static final int A = 2;
  private static final int E = 3;
  private static final int T4 = 4;
  private static final int T5 = 5;
  private static final int T6 = 6;
  private static final int T7 = 7;
  private static final int T8 = 8;
  private static final int T9 = 9;
  private static final int MASK = 10;

  private static final int SIGN = 0x80000000;
  private static final int MAGNITUDE = 0x7FFFFFFF;
  private static final int UPPER_BITS = 0xFFFFF000;
  private static final float LOG2E = 1.44269504088896341f;
  private static final float LN2_HI = 0.693359375f;
  private static final float LN2_LO = -2.12194440e-4f;
  private static final float ROUND = 12582912f; // 1.5 · 2^23: adding it rounds to an integer
  private static final int ROUND_BITS = 0x4b400000;
  private static final float SQRT_HALF = 0.70710678118654752440f;
  private static final float SQRT_8_PI = 1.5957691216057308f;
  private static final float ERFC_LIMIT = 10.6f; // erfc is 0 from here on
  private static final float GELU_LIMIT = 14.9f;

  private static final float[] EXP = {
    1.9875691500e-4f,
    1.3981999507e-3f,
    8.3334519073e-3f,
    4.1665795894e-2f,
    1.6666665459e-1f,
    5.0000001201e-1f
  };
  private static final float[] LOG = {
    7.0376836292e-2f,
    -1.1514610310e-1f,
    1.1676998740e-1f,
    -1.2420140846e-1f,
    1.4249322787e-1f,
    -1.6668057665e-1f,
    2.0000714765e-1f,
    -2.4999993993e-1f,
    3.3333331174e-1f
  };
  private static final float[] TANH = {
    -5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f
  };
  private static final float[] GAUSS = {1f / 24, 1f / 6, 0.5f, 1f};
  private static final float[] SCALED_ERFC = {
    9.990615641237e-05f,
    -3.2735480417109134e-05f,
    -0.0008184713589381104f,
    0.00405964171891677f,
    -0.012837856067105068f,
    0.03130001012919587f,
    -0.06310866881126649f,
    0.10896303687539835f,
    -0.16425776455764673f,
    0.2187196846782121f,
    -0.2590680497370447f,
    0.1369994575932966f
  };
  private static final float[] ERF = {
    7.882497104105823e-05f,
    -0.0008018854991185265f,
    0.005189311942516817f,
    -0.026854328795967497f,
    0.11283597463484307f,
    -0.37612626903579677f,
    1.128379165881502f
  };

  private final Assembler a;

  Functions(Assembler a) {
    this.a = a;
  }

  private void op(Op op, int d, int x, float constant) {
    a.op(op, d, x, a.constant(constant));
  }

  private void bits(Op op, int d, int x, int constant) {
    a.op(op, d, x, a.constantBits(constant));
  }

  /** {@code d} = the polynomial in x, highest coefficient first. */
  private void polynomial(int d, int x, float... coefficients) {
    a.load(d, a.constant(coefficients[0]));
    for (int i = 1; i < coefficients.length; i++) {
      op(Op.FMA_213, d, x, coefficients[i]);
    }
  }

  /** {@code d = min(|d|, limit)}, NaN stays. */
  private void magnitude(int d, float limit) {
    bits(Op.AND, d, d, MAGNITUDE);
    a.load(T9, a.constant(limit));
    a.op(Op.MIN, d, T9, d);
  }

  /** d = e^d; v4 … v7 and v9 change. */
  private void exp(int d) {
    a.load(T9, a.constant(89f)); // past infinity
    a.op(Op.MIN, d, T9, d);
    a.load(T9, a.constant(-104f)); // past 0
    a.op(Op.MAX, d, T9, d);
    a.move(T4, d);
    a.load(T9, a.constant(ROUND));
    a.load(T5, a.constant(LOG2E));
    a.op(Op.FMA_213, T4, T5, T9); // the integer nearest to d log2 e, in the lower bits
    a.op(Op.SUBTRACT, T5, T4, T9);
    op(Op.FNMA_231, d, T5, LN2_HI);
    op(Op.FNMA_231, d, T5, LN2_LO);
    polynomial(T6, d, EXP);
    a.op(Op.MULTIPLY, T7, d, d);
    a.op(Op.FMA_213, T6, T7, d);
    op(Op.ADD, d, T6, 1f);
    if (a.isa() == Isa.AVX512) {
      a.scale(d, d, T5);
      return;
    }
    bits(Op.SUBTRACT_INT, T4, T4, ROUND_BITS);
    a.shiftRight(T5, T4, 1); // in two factors: one alone would overflow or flush denormals
    a.op(Op.SUBTRACT_INT, T4, T4, T5);
    for (int power : new int[] {T5, T4}) {
      bits(Op.ADD_INT, power, power, 127);
      a.shiftLeft(power, power, 23);
      a.op(Op.MULTIPLY, d, d, power);
    }
  }

  /** d = log d for positive finite d; v4 … v7 and v9 change. */
  private void log(int d) {
    a.move(T4, d); // d itself, to know the denormals
    op(Op.MULTIPLY, T5, d, 33554432f); // 2^25
    a.where(Compare.LESS, T4, a.constant(Float.MIN_NORMAL), d, T5, MASK);
    bits(Op.SUBTRACT_INT, T5, d, 0x3f3504f3);
    a.shiftRight(T5, T5, 23); // exponent such that m lies in [sqrt(1/2), sqrt(2))
    a.shiftLeft(T6, T5, 23);
    a.op(Op.SUBTRACT_INT, d, d, T6);
    op(Op.SUBTRACT, d, d, 1f); // m - 1
    bits(Op.ADD_INT, T5, T5, ROUND_BITS);
    op(Op.SUBTRACT, T5, T5, ROUND);
    op(Op.SUBTRACT, T6, T5, 25f);
    a.where(Compare.LESS, T4, a.constant(Float.MIN_NORMAL), T5, T6, MASK);
    polynomial(T6, d, LOG);
    a.op(Op.MULTIPLY, T7, d, d);
    a.op(Op.MULTIPLY, T6, T6, T7);
    a.op(Op.MULTIPLY, T6, T6, d);
    op(Op.FMA_231, T6, T5, LN2_LO);
    op(Op.FNMA_231, T6, T7, 0.5f);
    a.op(Op.ADD, d, d, T6);
    op(Op.FMA_231, d, T5, LN2_HI);
  }

  void exp() {
    exp(X);
  }

  void log() {
    a.move(KEPT, X);
    log(X);
    a.load(T9, a.constant(Float.NEGATIVE_INFINITY));
    a.where(Compare.EQUAL, KEPT, a.constant(0f), X, T9, MASK);
    a.load(T9, a.constant(Float.NaN));
    a.where(Compare.LESS, KEPT, a.constant(0f), X, T9, MASK);
    a.where(Compare.EQUAL, KEPT, a.constant(Float.POSITIVE_INFINITY), X, KEPT, MASK);
    a.where(Compare.UNORDERED, KEPT, a.constant(0f), X, KEPT, MASK);
  }

  void tanh() {
    a.move(KEPT, X);
    bits(Op.AND, A, X, MAGNITUDE);
    a.op(Op.ADD, E, A, A);
    exp(E);
    op(Op.ADD, E, E, 1f);
    a.load(T4, a.constant(2f));
    a.op(Op.DIVIDE, E, T4, E);
    a.load(X, a.constant(1f));
    a.op(Op.SUBTRACT, X, X, E);
    withSign(X);
    a.op(Op.MULTIPLY, T4, KEPT, KEPT);
    polynomial(T5, T4, TANH);
    a.op(Op.MULTIPLY, T4, T4, KEPT);
    a.op(Op.FMA_213, T4, T5, KEPT);
    a.where(Compare.LESS, A, a.constant(0.625f), X, T4, MASK);
  }

  /** {@code d}, not negative, with the sign of the argument. */
  private void withSign(int d) {
    bits(Op.AND, T9, KEPT, SIGN);
    a.op(Op.OR, d, d, T9);
  }

  /** X = 1 / (1 + e^-u) of u in KEPT, by e^-|u|. */
  private void sigmoidOfKept() {
    bits(Op.OR, E, KEPT, SIGN);
    exp(E);
    a.load(X, a.constant(1f));
    a.op(Op.ADD, T4, X, E);
    a.where(Compare.LESS, KEPT, a.constant(0f), X, E, MASK);
    a.op(Op.DIVIDE, X, X, T4);
  }

  void sigmoid() {
    a.move(KEPT, X);
    sigmoidOfKept();
  }

  void silu() {
    sigmoid();
    a.op(Op.MULTIPLY, X, X, KEPT);
  }

  void geluTanh() {
    a.move(T8, X);
    a.op(Op.MULTIPLY, KEPT, X, X);
    op(Op.MULTIPLY, KEPT, KEPT, 0.044715f);
    op(Op.ADD, KEPT, KEPT, 1f);
    a.op(Op.MULTIPLY, KEPT, KEPT, X);
    op(Op.MULTIPLY, KEPT, KEPT, SQRT_8_PI);
    sigmoidOfKept();
    a.op(Op.MULTIPLY, X, X, T8);
  }

  void softplus() {
    a.move(KEPT, X);
    bits(Op.OR, E, X, SIGN);
    exp(E);
    op(Op.ADD, A, E, 1f);
    op(Op.SUBTRACT, T8, A, 1f);
    a.op(Op.SUBTRACT, T8, E, T8);
    a.op(Op.DIVIDE, T8, T8, A); // what rounding to 1 + e lost
    log(A);
    a.op(Op.ADD, A, A, T8);
    positivePart();
    a.op(Op.ADD, X, X, A);
  }

  /** X = max(argument, 0), NaN stays. */
  private void positivePart() {
    a.zero(T9);
    a.op(Op.MAX, X, T9, KEPT);
  }

  /** E = e^(-scale a²) of a in A, exactly squared by halves; v4 … v9 change. */
  private void gaussian(float scale) {
    bits(Op.AND, T8, A, UPPER_BITS);
    a.op(Op.MULTIPLY, E, T8, T8);
    op(Op.MULTIPLY, E, E, -scale);
    exp(E);
    a.op(Op.SUBTRACT, T4, A, T8);
    a.op(Op.ADD, T5, A, T8);
    a.op(Op.MULTIPLY, T4, T4, T5);
    op(Op.MULTIPLY, T4, T4, -scale); // at most 0.11
    polynomial(T5, T4, GAUSS);
    a.op(Op.MULTIPLY, T5, T5, T4);
    a.op(Op.FMA_231, E, E, T5);
  }

  /** {@code d = e^(z²) erfc(z)} of z in [0, 10.6]: fit in (z-4)/(z+4), relative error 6.2e-10. */
  private void scaledErfc(int d, int z) {
    op(Op.SUBTRACT, T5, z, 4f);
    op(Op.ADD, T6, z, 4f);
    a.op(Op.DIVIDE, T5, T5, T6);
    polynomial(d, T5, SCALED_ERFC);
  }

  /** E = erfc |x|, T6 = x erfSmall(x²), A = |x|; the argument in KEPT. */
  private void tailAndSmall() {
    a.move(KEPT, X);
    a.move(A, X);
    magnitude(A, ERFC_LIMIT);
    gaussian(1f);
    scaledErfc(T4, A);
    a.op(Op.MULTIPLY, E, E, T4);
    bits(Op.AND, A, KEPT, MAGNITUDE);
    a.op(Op.MULTIPLY, T5, KEPT, KEPT);
    polynomial(T6, T5, ERF);
    a.op(Op.MULTIPLY, T6, T6, KEPT);
  }

  void erf() {
    tailAndSmall();
    a.load(X, a.constant(1f));
    a.op(Op.SUBTRACT, X, X, E);
    withSign(X);
    a.where(Compare.LESS, A, a.constant(0.9f), X, T6, MASK);
  }

  void erfc() {
    tailAndSmall();
    a.move(X, E);
    a.load(T4, a.constant(2f));
    a.op(Op.SUBTRACT, T4, T4, E);
    a.where(Compare.LESS, KEPT, a.constant(0f), X, T4, MASK);
    a.load(T4, a.constant(1f));
    a.op(Op.SUBTRACT, T4, T4, T6);
    a.where(Compare.LESS, A, a.constant(0.5f), X, T4, MASK);
  }

  /** {@code max(x, 0) - a Φ(-a)} of a = |x|. */
  void gelu() {
    a.move(KEPT, X);
    a.move(A, X);
    magnitude(A, GELU_LIMIT);
    gaussian(0.5f);
    op(Op.MULTIPLY, T8, A, SQRT_HALF);
    scaledErfc(T4, T8);
    bits(Op.XOR, T5, KEPT, SIGN);
    a.where(Compare.LESS, KEPT, a.constant(0f), A, T5, MASK); // -x, so that infinity stays
    op(Op.MULTIPLY, A, A, 0.5f);
    a.op(Op.MULTIPLY, T4, T4, A);
    a.op(Op.MULTIPLY, T4, T4, E);
    positivePart();
    a.op(Op.SUBTRACT, X, X, T4);
  }

  /** {@code Φ(x) + x φ(x)}, the derivative of {@link #gelu}. */
  void geluSlope() {
    a.move(KEPT, X);
    a.move(A, X);
    magnitude(A, GELU_LIMIT);
    gaussian(0.5f);
    op(Op.MULTIPLY, T8, A, SQRT_HALF);
    scaledErfc(T4, T8);
    a.op(Op.MULTIPLY, T4, T4, E);
    op(Op.MULTIPLY, T4, T4, 0.5f); // Φ(-|x|)
    a.load(X, a.constant(1f));
    a.op(Op.SUBTRACT, X, X, T4);
    a.where(Compare.LESS, KEPT, a.constant(0f), X, T4, MASK);
    withSign(A);
    a.op(Op.MULTIPLY, A, A, E);
    op(Op.FMA_231, X, A, 0.39894228040143268f); // 1 / sqrt(2 π)
  }
}
