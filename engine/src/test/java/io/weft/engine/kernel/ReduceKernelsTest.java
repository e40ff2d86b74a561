package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReduceKernelsTest {
  @Test
  void matchesDoubleLoops() {
    int[][] sizes = {
      {1, 1, 1},
      {3, 7, 1},
      {2, 5, 3},
      {1, 100_003, 1},
      {1, 20_000, 5},
      {4, 300, 70},
      {33, 1, 9},
      {2, 40_000, 1},
      {0, 4, 2},
      {2, 0, 3},
      {1, 3, 70_000},
    };
    for (int[] size : sizes) {
      int outer = size[0];
      int n = size[1];
      int inner = size[2];
      float[] x = new Rand(n).floats(2 + outer * n * inner);
      double[] xd = Rand.doubles(x, 2, outer * n * inner);
      int count = outer * inner;
      float[][] y = new float[3][count + 1];
      double[][] z = new double[3][count];
      ReduceKernels.sum(x, 2, y[0], 1, outer, n, inner);
      ReduceKernels.mean(x, 2, y[1], 1, outer, n, inner);
      ReduceKernels.max(x, 2, y[2], 1, outer, n, inner);
      ReduceKernels.sum(xd, 0, z[0], 0, outer, n, inner);
      ReduceKernels.mean(xd, 0, z[1], 0, outer, n, inner);
      ReduceKernels.max(xd, 0, z[2], 0, outer, n, inner);
      double[] sum = new double[count];
      double[] max = new double[count];
      java.util.Arrays.fill(max, Double.NEGATIVE_INFINITY);
      for (int i = 0; i < xd.length; i++) {
        int at = i / (n * inner) * inner + i % inner;
        sum[at] += xd[i];
        max[at] = Math.max(max[at], xd[i]);
      }
      Rand.close("sum", y[0], 1, sum, 1e-5 * Math.sqrt(n));
      Rand.close("max", y[2], 1, max, 0);
      for (int i = 0; i < count; i++) {
        assertThat(z[0][i]).isCloseTo(sum[i], org.assertj.core.data.Offset.offset(1e-9));
        assertThat(z[2][i]).isEqualTo(max[i]);
        sum[i] /= n;
        assertThat(Float.isNaN(y[1][1 + i])).isEqualTo(n == 0);
        assertThat(Double.isNaN(z[1][i])).isEqualTo(n == 0);
      }
      Rand.close("mean", y[1], 1, sum, 1e-5);
    }
  }

  @Test
  void nanIsTheMaximum() {
    float[] y = new float[2];
    ReduceKernels.max(new float[] {1, Float.NaN, 5, 2, 3, 4}, 0, y, 0, 2, 3, 1);
    assertThat(y).containsExactly(Float.NaN, 4f);
  }

  @Test
  void longSumsStayAccurate() {
    int n = 1 << 22;
    float[] x = new float[n];
    java.util.Arrays.fill(x, 0.1f);
    float[] y = new float[2];
    ReduceKernels.sum(x, 0, y, 0, 1, n, 1);
    assertThat(y[0] / (0.1f * n)).isBetween(0.999995f, 1.000005f);
    ReduceKernels.sum(x, 0, y, 0, 1, n / 2, 2);
    assertThat(y[1] / (0.1f * n / 2)).isBetween(0.99999f, 1.00001f);
  }
}
