package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loops of the tier in use have the bits of the plain ones. */
class ElementKernelTest {
  private static final float[] STRANGE = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    -0f,
    0f,
    Float.MIN_VALUE,
    6f,
    -1e30f
  };

  private static float[] numbers(Rand r, int n) {
    float[] x = r.floats(n);
    for (int i = 0; i < n; i += 3) {
      x[i] = STRANGE[i / 3 % STRANGE.length];
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 33, 64, 130})
  void whatFollowsAProduct(int n) {
    Rand r = new Rand(n);
    float[] c = numbers(r, n + 3);
    float[] bias = numbers(r, n + 5);
    float[] factor = numbers(r, n + 5);
    float[] shift = numbers(r, n + 5);
    for (int way = 0; way < 16; way++) {
      float[] b = (way & 1) == 0 ? null : bias;
      float[] f = (way & 2) == 0 ? null : factor;
      boolean relu = (way & 4) != 0;
      float most = (way & 8) == 0 ? Float.POSITIVE_INFINITY : 6f;
      float[] got = c.clone();
      float[] want = c.clone();
      for (int i = 0; i < n; i++) {
        float v = b == null ? want[2 + i] : want[2 + i] + b[5 + i];
        v = f == null ? v : v * f[5 + i] + shift[5 + i];
        v = relu ? Math.max(v, 0f) : v;
        want[2 + i] = Math.min(v, most);
      }
      ElementKernel.of(n).finish(got, 2, b, f, shift, 5, relu, most, n);
      assertThat(got).as("way %d", way).containsExactly(want);
      float[] plain = c.clone();
      ElementKernel.portable().finish(plain, 2, b, f, shift, 5, relu, most, n);
      assertThat(plain).as("way %d", way).containsExactly(want);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 64, 67, 133})
  void sumOfProducts(int n) {
    Rand r = new Rand(n);
    float[] x = r.floats(n + 40);
    float[][] w = {r.floats(n + 2), r.floats(n), r.floats(n + 1)};
    int[] xs = {7, 0, 40};
    float[] y = new float[n + 2];
    java.util.Arrays.fill(y, Float.NaN);
    ArrayKernel.get().sumOfProducts(3, x, xs, w, y, 1, n);
    for (int i = 0; i < n; i++) {
      double want = 0;
      for (int t = 0; t < 3; t++) {
        want += (double) x[xs[t] + i] * w[t][i];
      }
      Rand.close("y" + i, y, 1 + i, new double[] {want}, 1e-6);
    }
    assertThat(y[0]).isNaN();
    assertThat(y[n + 1]).isNaN();
  }
}
