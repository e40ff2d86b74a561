package io.weft.machinecode.loops;

import io.weft.engine.kernel.ArrayLoops;

/** Tries every loop of an {@link ArrayLoops} before it serves, for several lengths. */
public final class ArraySelfTest {
  private static final int LONGEST = 150;
  private static final float CANARY = 12345f;

  private ArraySelfTest() {}

  /** What a result element should be, from the operands at its place. */
  private interface Expected {
    double of(float x, float y, float z);
  }

  /** A loop that makes z from x and y. */
  private interface Loop {
    void run(float[] x, float[] y, float[] z, int n);
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException if a loop gives a wrong number or writes beside its run
   */
  public static void run(ArrayLoops k) {
    for (int n : new int[] {1, 7, 16, 33, 64, 77, LONGEST}) {
      totals(k, n);
      check("affine", n, (x, y, z, m) -> k.affine(x, 1, 2f, 3f, z, 1, m), (x, y, z) -> 2 * x + 3);
      check("add", n, (x, y, z, m) -> k.add(x, 1, z, 1, m), (x, y, z) -> x + z);
      check("multiply", n, (x, y, z, m) -> k.multiply(x, 1, z, 1, m), (x, y, z) -> x * z);
      check("maximum", n, (x, y, z, m) -> k.maximum(x, 1, z, 1, m), (x, y, z) -> Math.max(x, z));
      check("addScaled", n, (x, y, z, m) -> k.addScaled(x, 1, 3f, z, 1, m), (x, y, z) -> z + 3 * x);
      check(
          "addProduct",
          n,
          (x, y, z, m) -> k.addProduct(x, 1, y, 1, z, 1, m),
          (x, y, z) -> z + x * y);
      check(
          "centeredProduct",
          n,
          (x, y, z, m) -> k.centeredProduct(x, 1, y, 1, 2f, z, 1, m),
          (x, y, z) -> x * (y - 2));
      check(
          "normGradient",
          n,
          (x, y, z, m) -> k.normGradient(x, 1, y, 1, 2f, 3f, 4f, z, 1, m),
          (x, y, z) -> 2 * (x - 3 - 4 * y));
      windows(k, n);
      rows(k, n);
    }
  }

  /** Small multiples of 1/4, so that all results are exact; the elements beside are far off. */
  private static float[] numbers(int n, int step) {
    float[] x = new float[n + 2];
    for (int i = 1; i <= n; i++) {
      x[i] = (i * step % 31 - 15) / 4f;
    }
    x[0] = CANARY;
    x[n + 1] = CANARY;
    return x;
  }

  private static void check(String name, int n, Loop loop, Expected expected) {
    float[] x = numbers(n, 7);
    float[] y = numbers(n, 5);
    float[] z = numbers(n, 3);
    if (name.equals("maximum")) {
      x[1] = Float.NaN;
      z[n] = Float.NaN;
    }
    float[] old = z.clone();
    loop.run(x, y, z, n);
    for (int i = 0; i < z.length; i++) {
      boolean inside = i > 0 && i <= n;
      float right = inside ? (float) expected.of(x[i], y[i], old[i]) : CANARY;
      verify(name, n, right, z[i]);
    }
  }

  private static void totals(ArrayLoops k, int n) {
    float[] x = numbers(n, 7);
    float[] y = numbers(n, 5);
    float sum = 0;
    float dot = 0;
    float squares = 0;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 1; i <= n; i++) {
      sum += x[i];
      dot += x[i] * y[i];
      squares += (x[i] - 1) * (x[i] - 1);
      max = Math.max(max, x[i]);
    }
    verify("sum", n, sum, k.sum(x, 1, n));
    verify("dot", n, dot, k.dot(x, 1, y, 1, n));
    verify("squares", n, squares, k.squares(x, 1, n, 1f));
    verify("max", n, max, k.max(x, 1, n));
    for (int at : new int[] {1, n / 2 + 1, n}) {
      float[] z = x.clone();
      z[at] = Float.NaN;
      verify("max", n, Float.NaN, k.max(z, 1, n));
    }
  }

  /** Two windows of three taps that overlap, with a NaN and numbers that are equal. */
  private static void windows(ArrayLoops k, int n) {
    int[] taps = {0, 2 * n, n};
    float[] x = numbers(4 * n, 7);
    x[1] = Float.NaN;
    x[3 * n] = x[2 * n];
    float[] dy = numbers(2 * n, 5);
    float[] dx = numbers(4 * n, 3);
    float[] expected = dx.clone();
    for (int i = 0; i < 2 * n; i++) {
      int at = 1 + i;
      int best = 0;
      for (int t = 1; t < taps.length; t++) {
        best = x[at + taps[t]] > x[at + taps[best]] ? t : best;
      }
      expected[at + taps[best]] += dy[1 + i];
    }
    k.addToFirstLargest(2, n, taps, x, 1, dy, 1, dx, 1, n);
    for (int i = 0; i < dx.length; i++) {
      verify("addToFirstLargest", n, expected[i], dx[i]);
    }
  }

  private static void rows(ArrayLoops k, int n) {
    float[] x = numbers(3 * n, 7);
    float[] y = numbers(n, 5);
    float[] old = y.clone();
    k.addRows(x, 1, 3, n, y, 1);
    for (int i = 0; i < y.length; i++) {
      boolean inside = i > 0 && i <= n;
      verify("addRows", n, inside ? old[i] + x[i] + x[n + i] + x[2 * n + i] : CANARY, y[i]);
    }
  }

  private static void verify(String name, int n, float expected, float got) {
    if (Float.compare(expected, got) != 0 && expected != got) {
      throw new IllegalStateException(
          "machine code: " + name + " of " + n + " elements gave " + got + " for " + expected);
    }
  }
}
