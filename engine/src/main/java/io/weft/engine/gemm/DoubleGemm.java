package io.weft.engine.gemm;

import java.util.Arrays;

/**
 * Double matrix products {@code C = A·B (+ C)} with any strides of A and B; for gradient checks and
 * float64 models, so simple rather than fast. Sums run in the order of k.
 */
public final class DoubleGemm {
  private DoubleGemm() {}

  /** One product; parameters as in {@link Gemm#multiply}. */
  public static void multiply(
      int m,
      int n,
      int k,
      double[] a,
      int ao,
      int rsA,
      int csA,
      double[] b,
      int bo,
      int rsB,
      int csB,
      double[] c,
      int co,
      int ldc,
      boolean accumulate) {
    double[] acc = new double[n];
    for (int i = 0; i < m; i++) {
      int row = co + i * ldc;
      if (accumulate) {
        System.arraycopy(c, row, acc, 0, n);
      } else {
        Arrays.fill(acc, 0.0);
      }
      for (int p = 0; p < k; p++) {
        double x = a[ao + i * rsA + p * csA];
        int q = bo + p * rsB;
        for (int j = 0; j < n; j++) {
          acc[j] += x * b[q + j * csB];
        }
      }
      System.arraycopy(acc, 0, c, row, n);
    }
  }
}
