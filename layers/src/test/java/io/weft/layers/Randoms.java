package io.weft.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Random;

/** Random tensors from a seed, and comparison by elements. */
public final class Randoms {
  private final Random random;

  public Randoms(long seed) {
    random = new Random(seed);
  }

  public Tensor normal(int... shape) {
    float[] x = new float[Shape.of(shape).intSize()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return Tensor.of(x, shape);
  }

  public static void assertClose(Tensor actual, Tensor expected, float tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toFloatArray())
        .usingComparatorWithPrecision(tolerance)
        .containsExactly(expected.toFloatArray());
  }
}
