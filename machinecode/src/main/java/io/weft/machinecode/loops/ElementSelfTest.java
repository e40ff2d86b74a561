package io.weft.machinecode.loops;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ElementKernel;

/**
 * Tries every loop of an {@link ElementKernel} before it serves: it must have the bits of the plain
 * loops, and write nothing beside its run.
 */
public final class ElementSelfTest {
  private static final int LOOPS = 19;
  private static final int ARRAYS = 6;
  private static final int PARTS = 4;
  private static final float[] STRANGE = {
    Float.NaN, Float.POSITIVE_INFINITY, -0f, 0f, 0f, Float.MIN_VALUE, -3f, Float.NEGATIVE_INFINITY
  };

  private ElementSelfTest() {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if a loop gives other bits or writes beside its run
   */
  public static void run(ElementKernel k) {
    ElementKernel plain = ElementKernel.portable();
    for (int n : new int[] {1, 16, 77, 150}) { // rounds of four vectors, one vector, the rest
      for (int loop = 0; loop < LOOPS; loop++) {
        float[][] expected = numbers(n);
        float[][] got = numbers(n);
        apply(plain, loop, expected, n);
        apply(k, loop, got, n);
        for (int i = 0; i < ARRAYS; i++) {
          compare(loop, n, expected[i], got[i]);
        }
      }
    }
  }

  /** The same of {@link ElementKernel#adam}, which is made later than the rest. */
  static void run(Adam k) {
    AdamRates rates = new AdamRates(0.1f, 0.001f, 0.01f, 1e-7f);
    Adam plain = ElementKernel.portable()::adam;
    for (int n : new int[] {1, 16, 77}) {
      for (boolean given : new boolean[] {false, true}) {
        float[][] expected = numbers(n);
        float[][] got = numbers(n);
        for (float[][] x : new float[][][] {expected, got}) {
          Adam one = x == expected ? plain : k;
          float[][] weights = {x[0], x[1], x[2]};
          float[][] to = given ? weights : new float[][] {x[3], x[4], x[5]};
          float[] g = new float[n + 2];
          System.arraycopy(numbers(n)[4], 1, g, 0, n + 2);
          one.run(weights, to, 1, g, given ? numbers(n)[5] : null, 2, rates, n);
        }
        for (int i = 0; i < ARRAYS; i++) {
          compare(LOOPS, n, expected[i], got[i]);
        }
      }
    }
  }

  /** {@link ElementKernel#adam}. */
  @FunctionalInterface
  interface Adam {
    void run(
        float[][] weight,
        float[][] to,
        int at,
        float[] g,
        float[] s,
        int go,
        AdamRates rates,
        int n);
  }

  /** Numbers of both signs, some of them strange, different in each array. */
  private static float[][] numbers(int n) {
    float[][] x = new float[ARRAYS][PARTS * n + 2];
    for (int a = 0; a < ARRAYS; a++) {
      for (int i = 0; i < x[a].length; i++) {
        boolean strange = (i + a) % 5 == 0;
        x[a][i] = strange ? STRANGE[(i / 5 + a * i) & 7] : (i * (7 + 2 * a) % 31 - 15) / 13f;
      }
    }
    return x;
  }

  private static void apply(ElementKernel k, int loop, float[][] x, int n) {
    float[] a = x[0];
    float[] b = x[1];
    float[] c = x[2];
    float[] y = x[3];
    switch (loop) {
      case 0 -> k.add(a, 1, b, 2, y, 1, n);
      case 1 -> k.subtract(a, 1, b, 2, y, 1, n);
      case 2 -> k.multiply(a, 1, b, 2, y, 1, n);
      case 3 -> k.divide(a, 1, b, 2, y, 1, n);
      case 4 -> k.maximum(a, 1, b, 2, y, 1, n);
      case 5 -> k.minimum(a, 1, b, 2, y, 1, n);
      case 6 -> k.equal(a, 1, b, 2, y, 1, n);
      case 7 -> k.greater(a, 1, b, 2, y, 1, n);
      case 8 -> k.greaterEqual(a, 1, b, 2, y, 1, n);
      case 9 -> k.select(c, 1, a, 2, b, 1, y, 1, n);
      case 10 -> k.relu(a, 2, y, 1, n);
      case 11 -> k.absolute(a, 2, y, 1, n);
      case 12 -> k.negate(a, 2, y, 1, n);
      case 13 -> k.square(a, 2, y, 1, n);
      case 14 -> k.sqrt(a, 2, y, 1, n);
      case 15 -> {
        k.finish(y, 1, a, b, c, 2, true, 0.5f, n);
        k.finish(x[4], 1, a, b, c, 2, false, 0.5f, n);
      }
      case 16 -> {
        k.finish(y, 1, null, b, c, 2, true, Float.POSITIVE_INFINITY, n);
        k.finish(x[4], 1, a, null, null, 2, false, Float.POSITIVE_INFINITY, n);
        k.finish(x[5], 1, null, null, null, 2, true, 0.25f, n);
      }
      case 17 -> k.lstmGradient(a, 1, b, c, y, 2, x[4], 0, x[5], 2, n);
      case 18 -> k.lstmGradient(a, 1, b, c, y, 2, null, 0, x[5], 2, n);
      default -> throw new IllegalStateException("ElementSelfTest: there is no loop " + loop);
    }
  }

  private static void compare(int loop, int n, float[] expected, float[] got) {
    for (int i = 0; i < got.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(got[i])) {
        throw new IllegalStateException(
            "machine code: element loop "
                + loop
                + " of "
                + n
                + " elements gave "
                + got[i]
                + " for "
                + expected[i]);
      }
    }
  }
}
