package io.weft.engine.kernel;

/**
 * The loops of {@link MathF} in one tier: {@code y[yo + i] = f(x[xo + i])} for i &lt; n; y may be x
 * at the same offset. Errors at most 4 units in the last place for normal results, 6 for erfc and
 * gelu; limits, NaN and infinities as {@link MathF}.
 */
public interface MathKernel {
  /** {@link MathF#exp(float)}. */
  void exp(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#log(float)}. */
  void log(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#tanh(float)}. */
  void tanh(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#sigmoid(float)}. */
  void sigmoid(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#erf(float)}. */
  void erf(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#erfc(float)}. */
  void erfc(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#gelu(float)}. */
  void gelu(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#geluTanh(float)}. */
  void geluTanh(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#silu(float)}. */
  void silu(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#softplus(float)}. */
  void softplus(float[] x, int xo, float[] y, int yo, int n);
}
