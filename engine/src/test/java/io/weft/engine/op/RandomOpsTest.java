package io.weft.engine.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomOpsTest {
  private static Tensor key(long seed, long counter) {
    return Tensor.of(new long[] {seed, counter});
  }

  /** The known answers of Random123 (kat_vectors): all zeros, all ones. */
  @Test
  void philoxKnownAnswers() {
    int[] y = new int[4];
    Philox.words(0, 0, 0, y, 4);
    assertThat(y).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void elementsDoNotDependOnTheShape() {
    Tensor a = Ops.apply1(new RandomOps.RandomBits(Shape.of(7)), key(5, 1));
    Tensor b = Ops.apply1(new RandomOps.RandomBits(Shape.of(3, 5)), key(5, 1));
    assertThat(Arrays.copyOf(b.toLongArray(), 7)).isEqualTo(a.toLongArray());
    Tensor c = Ops.apply1(new RandomOps.RandomBits(Shape.of(7)), key(5, 2));
    assertThat(c.toLongArray()).doesNotContain(a.toLongArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"float16", "bfloat16", "float32", "float64"})
  void moments(String dtype) {
    DType d = DType.of(dtype);
    Shape s = Shape.of(100, 400);
    double[] u = RandomOps.uniform(s, 0, 1, d, key(1, 2)).toDoubleArray();
    assertThat(Arrays.stream(u).allMatch(v -> v >= 0 && v < 1)).isTrue();
    assertThat(mean(u)).isCloseTo(0.5, Offset.offset(0.01));
    double[] z = RandomOps.normal(s, 3, 2, d, key(1, 3)).toDoubleArray();
    assertThat(mean(z)).isCloseTo(3, Offset.offset(0.05));
    assertThat(deviation(z)).isCloseTo(2, Offset.offset(0.05));
    double[] t = RandomOps.truncatedNormal(s, 0, 1, d, key(1, 4)).toDoubleArray();
    assertThat(Arrays.stream(t).allMatch(v -> Math.abs(v) <= 2)).isTrue();
    assertThat(deviation(t)).isCloseTo(0.87962566103423978, Offset.offset(0.02));
  }

  @Test
  void integersReachBothEnds() {
    int[] i = RandomOps.randint(Shape.of(500), -2, 3, DType.INT32, key(9, 0)).toIntArray();
    assertThat(Arrays.stream(i).distinct().sorted().toArray()).containsExactly(-2, -1, 0, 1, 2);
  }

  @Test
  void quantileInvertsTheDistributionFunction() {
    for (double p : new double[] {1e-300, 1e-12, 0.001, 0.07, 0.3, 0.5, 0.91, 0.999999}) {
      double z = NormalQuantile.of(p);
      assertThat(0.5 * SpecialMath.erfc(-z * Math.sqrt(0.5)))
          .isCloseTo(p, Offset.offset(1e-15 * p * (10 + z * z)));
    }
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).sum() / x.length;
  }

  private static double deviation(double[] x) {
    double m = mean(x);
    return Math.sqrt(Arrays.stream(x).map(v -> (v - m) * (v - m)).sum() / x.length);
  }
}
