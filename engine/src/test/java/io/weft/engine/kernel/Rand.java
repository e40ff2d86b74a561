package io.weft.engine.kernel;

import java.util.SplittableRandom;

/** Random operands of the kernel tests. */
final class Rand {
  private final SplittableRandom random;

  Rand(long seed) {
    random = new SplittableRandom(seed);
  }

  int in(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  float[] floats(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (random.nextDouble() * 2 - 1);
    }
    return x;
  }

  static double[] doubles(float[] x, int from, int n) {
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = x[from + i];
    }
    return y;
  }

  /** Fails when {@code got} differs from {@code expected} by more than {@code tolerance}. */
  static void close(String what, float[] got, int from, double[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(got[from + i] - expected[i]);
      if (!(error <= tolerance * (1 + Math.abs(expected[i])))
          && !(Double.isNaN(expected[i]) && Float.isNaN(got[from + i]))
          && got[from + i] != expected[i]) {
        throw new AssertionError(
            what + "[" + i + "]: expected " + expected[i] + ". Received: " + got[from + i]);
      }
    }
  }
}
