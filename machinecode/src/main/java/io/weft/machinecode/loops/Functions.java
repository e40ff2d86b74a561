package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Op;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Functions of one vector: X becomes f(X). Formulas, limits and bounds as the engine's {@code
 * MathF}; NaN comes through everywhere because MIN and MAX give their second operand then.
 *
 * <pre>
 * v0  X: argument and result     v4 … v7    of exp and log
 * v1  the argument, kept         v8, v9     of what calls them
 * v2  |x| or the like            v10        mask of a comparison (AVX2)
 * v3  e^…                        v11 …      constants (AVX-512, or what is left of 16)
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
  private static final int USED = 11; // registers from here on are free for constants

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
  private final Registers registers;

  /** All constants in memory. */
  Functions(Assembler a) {
    this(a, new Registers(0, 0));
  }

  private Functions(Assembler a, Registers registers) {
    this.a = a;
    this.registers = registers;
  }

  /**
   * Loads the constants of a function into registers that it does not use, as many as there are:
   * reading them anew for each vector is what holds a loop up. To be called ahead of it.
   */
  static Functions withConstants(Assembler a, Consumer<Functions> function) {
    return withConstants(a, USED, a.isa() == Isa.AVX512 ? 32 : 15, function);
  }

  /** The same in registers {@code first … end - 1}. */
  static Functions withConstants(Assembler a, int first, int end, Consumer<Functions> function) {
    Registers registers = new Registers(first, end - first);
    function.accept(new Functions(new Assembler(a.isa()), registers));
    registers.free = 0;
    registers.ofBits.forEach((bits, register) -> a.load(register, a.constantBits(bits)));
    return new Functions(a, registers);
  }

  /** Which register holds which constant. Each that is asked for gets one while there are some. */
  private static final class Registers {
    private final Map<Integer, Integer> ofBits = new LinkedHashMap<>();
    private final int first;
    private int free;

    Registers(int first, int free) {
      this.first = first;
      this.free = free;
    }

    /** The register of a constant, or null. */
    Integer of(int bits) {
      if (free > 0 && !ofBits.containsKey(bits)) {
        ofBits.put(bits, first + ofBits.size());
        free--;
      }
      return ofBits.get(bits);
    }

    Integer of(float constant) {
      return of(Float.floatToRawIntBits(constant));
    }
  }

  private void op(Op op, int d, int x, float constant) {
    bits(op, d, x, Float.floatToRawIntBits(constant));
  }

  private void bits(Op op, int d, int x, int constant) {
    Integer register = registers.of(constant);
    if (register == null) {
      a.op(op, d, x, a.constantBits(constant));
    } else {
      a.op(op, d, x, register);
    }
  }

  /** {@code d} = a constant. */
  private void load(int d, float constant) {
    Integer register = registers.of(constant);
    if (register == null) {
      a.load(d, a.constant(constant));
    } else {
      a.move(d, register);
    }
  }

  /** The register that holds a constant: its own, or {@code temporary}, which is overwritten. */
  private int held(int temporary, float constant) {
    Integer register = registers.of(constant);
    if (register == null) {
      a.load(temporary, a.constant(constant));
      return temporary;
    }
    return register;
  }

  /** {@code d = s} where x compares to a constant. */
  private void where(Compare compare, int x, float constant, int d, int s) {
    Integer register = registers.of(constant);
    if (register == null) {
      a.where(compare, x, a.constant(constant), d, s, MASK);
    } else {
      a.where(compare, x, register, d, s, MASK);
    }
  }

  /** {@code d} = the polynomial in x, highest coefficient first. */
  private void polynomial(int d, int x, float... coefficients) {
    load(d, coefficients[0]);
    for (int i = 1; i < coefficients.length; i++) {
      op(Op.FMA_213, d, x, coefficients[i]);
    }
  }

  /** {@code d = min(|d|, limit)}, NaN stays. */
  private void magnitude(int d, float limit) {
    bits(Op.AND, d, d, MAGNITUDE);
    a.op(Op.MIN, d, held(T9, limit), d);
  }

  /** d = e^d; v4 … v7 and v9 change. */
  void exp(int d) {
    a.op(Op.MIN, d, held(T9, 89f), d); // past infinity
    a.op(Op.MAX, d, held(T9, -104f), d); // past 0
    a.move(T4, d);
    int round = held(T9, ROUND);
    a.op(Op.FMA_213, T4, held(T5, LOG2E), round); // the integer nearest to d log2 e, in low bits
    a.op(Op.SUBTRACT, T5, T4, round);
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
  void log(int d) {
    a.move(T4, d); // d itself, to know the denormals
    op(Op.MULTIPLY, T5, d, 33554432f); // 2^25
    where(Compare.LESS, T4, Float.MIN_NORMAL, d, T5);
    bits(Op.SUBTRACT_INT, T5, d, 0x3f3504f3);
    a.shiftRight(T5, T5, 23); // exponent such that m lies in [sqrt(1/2), sqrt(2))
    a.shiftLeft(T6, T5, 23);
    a.op(Op.SUBTRACT_INT, d, d, T6);
    op(Op.SUBTRACT, d, d, 1f); // m - 1
    bits(Op.ADD_INT, T5, T5, ROUND_BITS);
    op(Op.SUBTRACT, T5, T5, ROUND);
    op(Op.SUBTRACT, T6, T5, 25f);
    where(Compare.LESS, T4, Float.MIN_NORMAL, T5, T6);
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
    load(T9, Float.NEGATIVE_INFINITY);
    where(Compare.EQUAL, KEPT, 0f, X, T9);
    load(T9, Float.NaN);
    where(Compare.LESS, KEPT, 0f, X, T9);
    where(Compare.EQUAL, KEPT, Float.POSITIVE_INFINITY, X, KEPT);
    where(Compare.UNORDERED, KEPT, 0f, X, KEPT);
  }

  void tanh() {
    a.move(KEPT, X);
    bits(Op.AND, A, X, MAGNITUDE);
    a.op(Op.ADD, E, A, A);
    exp(E);
    op(Op.ADD, E, E, 1f);
    load(T4, 2f);
    a.op(Op.DIVIDE, E, T4, E);
    load(X, 1f);
    a.op(Op.SUBTRACT, X, X, E);
    withSign(X);
    a.op(Op.MULTIPLY, T4, KEPT, KEPT);
    polynomial(T5, T4, TANH);
    a.op(Op.MULTIPLY, T4, T4, KEPT);
    a.op(Op.FMA_213, T4, T5, KEPT);
    where(Compare.LESS, A, 0.625f, X, T4);
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
    load(X, 1f);
    a.op(Op.ADD, T4, X, E);
    where(Compare.LESS, KEPT, 0f, X, E);
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
    load(X, 1f);
    a.op(Op.SUBTRACT, X, X, E);
    withSign(X);
    where(Compare.LESS, A, 0.9f, X, T6);
  }

  void erfc() {
    tailAndSmall();
    a.move(X, E);
    load(T4, 2f);
    a.op(Op.SUBTRACT, T4, T4, E);
    where(Compare.LESS, KEPT, 0f, X, T4);
    load(T4, 1f);
    a.op(Op.SUBTRACT, T4, T4, T6);
    where(Compare.LESS, A, 0.5f, X, T4);
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
    where(Compare.LESS, KEPT, 0f, A, T5); // -x, so that infinity stays
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
    load(X, 1f);
    a.op(Op.SUBTRACT, X, X, T4);
    where(Compare.LESS, KEPT, 0f, X, T4);
    withSign(A);
    a.op(Op.MULTIPLY, A, A, E);
    op(Op.FMA_231, X, A, 0.39894228040143268f); // 1 / sqrt(2 π)
  }
}
