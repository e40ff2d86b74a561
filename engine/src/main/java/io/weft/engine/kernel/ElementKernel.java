package io.weft.engine.kernel;

import io.weft.engine.tier.KernelTier;

/**
 * Element-wise loops over runs of floats, in one tier; all tiers give the same bits. A result may
 * be an operand at the same offset; otherwise runs must not overlap.
 */
public interface ElementKernel {
  /** The loops for a run of so many elements; short ones need not wait for machine code. */
  static ElementKernel of(int n) {
    return n < 48 && KernelTier.isMachinePossible() ? InJava.KERNEL : Fastest.KERNEL;
  }

  /** The plain loops, for what is left of a run after whole vectors. */
  static ElementKernel portable() {
    return new ScalarElementKernel();
  }

  /** Keeps the choice out of the interface's own initialization. */
  final class InJava {
    private static final String VECTOR_KERNEL = "io.weft.engine.simd.VectorElementKernel";
    private static final ElementKernel KERNEL =
        orPortable(KernelTier.implementation(ElementKernel.class, VECTOR_KERNEL));

    private InJava() {}

    private static ElementKernel orPortable(ElementKernel k) {
      return k != null ? k : portable();
    }
  }

  /** Made when the first long run comes. */
  final class Fastest {
    private static final ElementKernel KERNEL =
        InJava.orPortable(KernelTier.fastest(ElementKernel.class, InJava.VECTOR_KERNEL));

    private Fastest() {}
  }

  /** Whether a loop is faster where all its runs have the same offset, so that copies may pay. */
  default boolean wantsOneOffset() {
    return false;
  }

  /** {@code y = a + b}. */
  void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a - b}. */
  void subtract(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a b}. */
  void multiply(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a / b}. */
  void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = max(a, b)}, NaN if either is. */
  void maximum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = min(a, b)}, NaN if either is. */
  void minimum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a == b ? 1 : 0}. */
  void equal(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a > b ? 1 : 0}. */
  void greater(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = a >= b ? 1 : 0}. */
  void greaterEqual(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = m != 0 ? a : b}. */
  void select(float[] m, int mo, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /** {@code y = max(x, 0)}, NaN stays. */
  void relu(float[] x, int xo, float[] y, int yo, int n);

  /**
   * What follows a product: {@code c = (c + bias) factor + shift}, then {@code max(c, 0)} with
   * {@code relu}, then {@code min(c, most)}; NaN stays.
   *
   * @param bias read from {@code at} on; null for none
   * @param factor read from {@code at} on, as shift; null if both are missing
   */
  void finish(
      float[] c,
      int co,
      float[] bias,
      float[] factor,
      float[] shift,
      int at,
      boolean relu,
      float most,
      int n);

  /** {@code y = |x|}. */
  void absolute(float[] x, int xo, float[] y, int yo, int n);

  /** {@code y = -x}. */
  void negate(float[] x, int xo, float[] y, int yo, int n);

  /** {@code y = x x}. */
  void square(float[] x, int xo, float[] y, int yo, int n);

  /** {@code y = √x}. */
  void sqrt(float[] x, int xo, float[] y, int yo, int n);

  /**
   * One step of Adam: {@code m' = m + (g - m) rate1}, {@code v' = v + (s - v) rate2}, {@code w' = w
   * - m' alpha / (sqrt(v') + epsilon)}. Runs of {@code weight} and of {@code to}, which are w, m
   * and v, start at {@code at}, those of g and s at {@code go}.
   *
   * @param s squares of the gradient, or null for those of {@code g}
   */
  void adam(
      float[][] weight, float[][] to, int at, float[] g, float[] s, int go, AdamRates rates, int n);

  /**
   * The new carry of an LSTM: {@code c = f c + i g}. {@code gates} holds i, f, g, o of n units each
   * from {@code zo} on. Machine code has this in {@link MathKernel#lstmStep}.
   */
  default void lstmCarry(float[] gates, int zo, float[] g, int go, float[] c, int co, int n) {
    for (int j = 0; j < n; j++) {
      c[co + j] = gates[zo + n + j] * c[co + j] + gates[zo + j] * g[go + j];
    }
  }

  /**
   * Backward through the gates of one LSTM step: from the gradients of the output and the carry to
   * {@code dz}, those of the four gates before their activations; dc becomes the gradient of the
   * carry before.
   *
   * @param tanh of the new carry; tanh, dh and dc start at {@code at}
   * @param carry the one before, from {@code co} on; null for zeros
   */
  void lstmGradient(
      float[] gates,
      int zo,
      float[] tanh,
      float[] dh,
      float[] dc,
      int at,
      float[] carry,
      int co,
      float[] dz,
      int dzo,
      int n);

  /** {@link #lstmGradient} of units {@code first … n - 1}, in plain loops. */
  static void lstmRest(
      float[] gates,
      int zo,
      float[] tanh,
      float[] dh,
      float[] dc,
      int at,
      float[] carry,
      int co,
      float[] dz,
      int dzo,
      int n,
      int first) {
    ScalarElementKernel.lstmGradient(gates, zo, tanh, dh, dc, at, carry, co, dz, dzo, n, first);
  }
}
