package io.weft.engine.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GemmTest {
  private static final float GUARD = 77f;

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void matchesDoubleLoops(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] sizes = {0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 31, 32, 33, 48, 64, 65, 100, 257, 300};
    int m = sizes[random.nextInt(sizes.length)];
    int n = sizes[random.nextInt(sizes.length)];
    int k = sizes[random.nextInt(sizes.length)];
    if (seed < 4) { // long sums, more than one block of each kind
      m = 37 + 200 * (seed & 1);
      n = 70 + 500 * (seed >> 1);
      k = 1100;
    }
    boolean transA = random.nextBoolean();
    boolean transB = random.nextBoolean();
    boolean accumulate = random.nextBoolean();
    boolean bias = random.nextBoolean();
    boolean action = random.nextBoolean();
    boolean packed = random.nextBoolean();
    int ldA = (transA ? m : k) + random.nextInt(3);
    int ldB = (transB ? k : n) + random.nextInt(3);
    int ldc = n + random.nextInt(4);
    int ao = random.nextInt(5);
    int bo = random.nextInt(5);
    int co = random.nextInt(5);
    float[] a = numbers(random, ao + ldA * Math.max(m, k) + 9);
    float[] b = numbers(random, bo + ldB * Math.max(n, k) + 9);
    float[] c = numbers(random, co + ldc * m + 9);
    float[] v = numbers(random, n + 2);
    float[] old = c.clone();
    int rsA = transA ? 1 : ldA;
    int csA = transA ? ldA : 1;
    int rsB = transB ? 1 : ldB;
    int csB = transB ? ldB : 1;
    RowAction twice =
        (x, o, count) -> {
          for (int i = o; i < o + count; i++) {
            x[i] *= 2;
          }
        };
    Epilogue epilogue =
        bias || action ? new Epilogue(bias ? v : null, 2, action ? twice : null) : null;
    if (packed) {
      PackedB p = Gemm.pack(k, n, b, bo, rsB, csB);
      Gemm.multiplyPacked(m, a, ao, rsA, csA, p, c, co, ldc, accumulate, epilogue);
    } else {
      Gemm.multiply(m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate, epilogue);
    }
    float[] expected = old.clone();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double s = accumulate ? old[co + i * ldc + j] : 0;
        double scale = Math.abs(s);
        for (int p = 0; p < k; p++) {
          double t = (double) a[ao + i * rsA + p * csA] * b[bo + p * rsB + j * csB];
          s += t;
          scale += Math.abs(t);
        }
        s += bias ? v[2 + j] : 0;
        s *= action ? 2 : 1;
        float got = c[co + i * ldc + j];
        assertThat((double) got)
            .as("m=%d n=%d k=%d at %d,%d", m, n, k, i, j)
            .isCloseTo(s, org.assertj.core.data.Offset.offset(1e-6 + 2e-6 * scale));
        expected[co + i * ldc + j] = got;
      }
    }
    assertThat(c).as("nothing outside C is touched").containsExactly(expected);
  }

  @Test
  void nanAndInfinityComeThrough() {
    int n = 40;
    float[] a = new float[n * n];
    float[] b = new float[n * n];
    java.util.Arrays.fill(a, 1f);
    java.util.Arrays.fill(b, 1f);
    a[3 * n + 5] = Float.NaN;
    a[4 * n + 6] = Float.POSITIVE_INFINITY;
    b[7 * n + 39] = 0f;
    a[5 * n + 7] = Float.POSITIVE_INFINITY; // times the 0 of b
    float[] c = new float[n * n];
    Gemm.multiply(n, n, n, a, 0, n, 1, b, 0, n, 1, c, 0, n, false, null);
    assertThat(c[3 * n]).isNaN();
    assertThat(c[4 * n + 1]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(c[5 * n + 39]).isNaN();
    assertThat(c[5 * n + 38]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(c[0]).isEqualTo(40f);
  }

  @Test
  void oldValuesAreNotReadWithoutAccumulate() {
    for (int n : new int[] {3, 50}) {
      float[] a = new float[n * n];
      float[] c = new float[n * n];
      java.util.Arrays.fill(c, Float.NaN);
      Gemm.multiply(n, n, n, a, 0, n, 1, a, 0, n, 1, c, 0, n, false, null);
      assertThat(c).containsOnly(0f);
      java.util.Arrays.fill(c, GUARD);
      Gemm.multiply(n, n, 0, a, 0, n, 1, a, 0, n, 1, c, 0, n, false, null);
      assertThat(c).containsOnly(0f);
    }
  }

  @Test
  void batchesAndBroadcasts() {
    SplittableRandom random = new SplittableRandom(5);
    int batch = 9;
    int m = 17;
    int n = 33;
    int k = 20;
    float[] a = numbers(random, batch * m * k);
    float[] b = numbers(random, k * n);
    float[] c = new float[batch * m * n];
    float[] one = new float[batch * m * n];
    Gemm.multiplyBatch(
        batch, m * k, 0, m * n, m, n, k, a, 0, k, 1, b, 0, n, 1, c, 0, n, false, null);
    Gemm.multiply(batch * m, n, k, a, 0, k, 1, b, 0, n, 1, one, 0, n, false, null);
    for (int i = 0; i < c.length; i++) {
      assertThat(c[i]).isCloseTo(one[i], org.assertj.core.data.Offset.offset(1e-5f));
    }
  }

  @Test
  void sameBitsForAnyCutOfTheRows() {
    SplittableRandom random = new SplittableRandom(6);
    int m = 200;
    int n = 150;
    int k = 333;
    float[] a = numbers(random, m * k);
    float[] b = numbers(random, k * n);
    PackedB p = Gemm.pack(k, n, b, 0, n, 1);
    float[] whole = new float[m * n];
    Gemm.multiplyPacked(m, a, 0, k, 1, p, whole, 0, n, false, null);
    float[] cut = new float[m * n];
    for (int i = 0; i < m; i += 7) {
      Gemm.multiplyPacked(Math.min(7, m - i), a, i * k, k, 1, p, cut, i * n, n, false, null);
    }
    assertThat(cut).containsExactly(whole);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7, 8, 19, 32, 48, 49})
  void sameBitsWithAndWithoutAPackedMatrix(int m) {
    SplittableRandom random = new SplittableRandom(m);
    for (int n : new int[] {8, 10, 16, 33, 64, 65, 131, 150}) {
      for (int k : new int[] {300, 4096}) {
        float[] a = numbers(random, m * k);
        float[] b = numbers(random, k * n);
        for (boolean turned : new boolean[] {false, true}) {
          int rsB = turned ? 1 : n;
          int csB = turned ? k : 1;
          if (Gemm.isPacked(m, n, k, csB)) {
            float[] given = new float[m * n];
            float[] own = new float[m * n];
            PackedB p = Gemm.pack(k, n, b, 0, rsB, csB);
            Gemm.multiplyPacked(m, a, 0, k, 1, p, given, 0, n, false, null);
            Gemm.multiply(m, n, k, a, 0, k, 1, b, 0, rsB, csB, own, 0, n, false, null);
            assertThat(own).as("n=%d k=%d turned=%s", n, k, turned).containsExactly(given);
          }
        }
      }
    }
  }

  @Test
  void doubles() {
    double[] a = {1, 2, 3, 4, 5, 6};
    double[] c = {1, 1, 1, 1};
    DoubleGemm.multiply(2, 2, 3, a, 0, 3, 1, a, 0, 1, 3, c, 0, 2, true); // a · aᵀ + 1
    assertThat(c).containsExactly(15, 33, 33, 78);
  }

  private static float[] numbers(SplittableRandom random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (random.nextDouble() * 2 - 1);
    }
    return x;
  }
}
