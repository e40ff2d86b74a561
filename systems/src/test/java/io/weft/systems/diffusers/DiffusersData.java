package io.weft.systems.diffusers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** Random numbers and comparisons of the tests in this package. */
final class DiffusersData {
  private DiffusersData() {}

  static Tensor random(Shape shape, long seed) {
    return RandomOps.normal(shape, 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double[] a = actual.toDoubleArray();
    double[] e = expected.toDoubleArray();
    for (int i = 0; i < a.length; i++) {
      assertThat(Math.abs(a[i] - e[i]))
          .as("element %d: %s, expected %s", i, a[i], e[i])
          .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(e[i])));
    }
  }
}
