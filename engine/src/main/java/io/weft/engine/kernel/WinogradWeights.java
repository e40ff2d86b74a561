package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;

/**
 * The filter of a convolution that {@link WinogradKernel} serves: transformed, and as it was for
 * inputs whose sums are not finite.
 */
record WinogradWeights(float[] plain, PackedB transformed) {

  /** Both of a filter (3, 3, channels, filters), which is referred to. */
  static WinogradWeights of(int channels, int filters, float[] w) {
    float[] u = Scratch.take(WinogradKernel.POINTS * channels * filters);
    try {
      transform(channels * filters, w, 0, u);
      int rows = WinogradKernel.POINTS * channels;
      return new WinogradWeights(w, Gemm.pack(rows, filters, u, 0, filters, 1));
    } finally {
      Scratch.give(u);
    }
  }

  /** The transformed filter for the time of one call, for {@link Gemm#giveBack}. */
  static PackedB borrow(int channels, int filters, float[] w, int wo) {
    float[] u = Scratch.take(WinogradKernel.POINTS * channels * filters);
    try {
      transform(channels * filters, w, wo, u);
      return Gemm.borrow(WinogradKernel.POINTS * channels, filters, u, 0, filters, 1);
    } finally {
      Scratch.give(u);
    }
  }

  /** {@code U = G g Gᵀ} for n filters, each rounded once; tap by tap to point by point. */
  static void transform(int n, float[] w, int wo, float[] u) {
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        point(n, w, wo, i, j, u, (4 * i + j) * n);
      }
    }
  }

  private static void point(int n, float[] w, int wo, int i, int j, float[] u, int uo) {
    if (i % 3 == 0 && j % 3 == 0) { // a corner
      System.arraycopy(w, wo + (i / 3 * 6 + j / 3 * 2) * n, u, uo, n);
      return;
    }
    if (i % 3 == 0) { // of one row of taps
      sum(n, w, wo + i / 3 * 6 * n, n, j == 1 ? 1 : -1, u, uo);
      return;
    }
    if (j % 3 == 0) { // of one column
      sum(n, w, wo + j / 3 * 2 * n, 3 * n, i == 1 ? 1 : -1, u, uo);
      return;
    }
    double down = i == 1 ? 1 : -1;
    double right = j == 1 ? 1 : -1;
    for (int q = 0; q < n; q++) {
      int k = wo + q;
      double edges = (double) w[k + n] + w[k + 7 * n];
      double sides = (double) w[k + 3 * n] + w[k + 5 * n];
      double corners = (double) w[k] + w[k + 2 * n] + w[k + 6 * n] + w[k + 8 * n];
      u[uo + q] =
          (float) (0.25 * (corners + right * edges + down * (sides + right * w[k + 4 * n])));
    }
  }

  /** {@code u = ½ (a + sign b + c)} of three taps {@code step} apart. */
  private static void sum(int n, float[] w, int wo, int step, double sign, float[] u, int uo) {
    for (int q = 0; q < n; q++) {
      int k = wo + q;
      u[uo + q] = (float) (0.5 * (w[k] + sign * w[k + step] + w[k + 2 * step]));
    }
  }
}
