package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;

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

  /** {@code Φ(x) + x φ(x)}, the derivative of {@link MathF#gelu(float)}; error at most 3e-7. */
  default void geluSlope(float[] x, int xo, float[] y, int yo, int n) {
    int block = Math.min(n, 1024);
    float[] in = Scratch.take(block);
    float[] tail = Scratch.take(block);
    float[] density = Scratch.take(block);
    try {
      for (int i = 0; i < n; i += block) {
        int count = Math.min(block, n - i);
        System.arraycopy(x, xo + i, in, 0, count);
        for (int j = 0; j < count; j++) {
          in[j] = Math.max(-30f, Math.min(in[j], 30f)); // past both limits; NaN stays
          tail[j] = in[j] * -0.70710678f;
          density[j] = in[j] * in[j] * -0.5f;
        }
        erfc(tail, 0, tail, 0, count);
        exp(density, 0, density, 0, count);
        for (int j = 0; j < count; j++) {
          tail[j] = 0.5f * tail[j] + in[j] * density[j] * 0.39894228f;
        }
        System.arraycopy(tail, 0, y, yo + i, count);
      }
    } finally {
      Scratch.give(density);
      Scratch.give(tail);
      Scratch.give(in);
    }
  }

  /** {@link MathF#geluTanh(float)}. */
  void geluTanh(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#silu(float)}. */
  void silu(float[] x, int xo, float[] y, int yo, int n);

  /** {@link MathF#softplus(float)}. */
  void softplus(float[] x, int xo, float[] y, int yo, int n);

  /**
   * One step of an LSTM for {@code rows} rows of u units: {@code c = σ(f) c + σ(i) tanh(g)}, {@code
   * h = σ(o) tanh(c)}. May change its sums; with {@code keep} they become the activated gates.
   *
   * @param ifo the sums of the gates i, f and o of u units each, row by row from {@code z} on
   * @param g the sums of the candidate, row by row from {@code zg} on
   * @param c the carries
   * @param h the states, written
   */
  default void lstmStep(
      int rows, int u, float[] ifo, int z, float[] g, int zg, float[] c, float[] h, boolean keep) {
    int n = rows * u;
    sigmoid(ifo, z, ifo, z, 3 * n);
    tanh(g, zg, g, zg, n);
    ElementKernel elements = ElementKernel.of(u);
    for (int b = 0; b < rows; b++) {
      int gates = z + b * 3 * u;
      elements.lstmCarry(ifo, gates, g, zg + b * u, c, b * u, u);
    }
    tanh(c, 0, h, 0, n);
    for (int b = 0; b < rows; b++) {
      ArrayKernel.get().multiply(ifo, z + (b * 3 + 2) * u, h, b * u, u);
    }
  }
}
