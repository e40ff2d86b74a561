package io.weft.engine.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.DType;
import io.weft.tensor.Linalg;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The blocked product has the numbers of the plain one of int64, modulo 2³². */
class IntegerGemmTest {
  private static Tensor numbers(long seed, boolean bytes, int... shape) {
    SplittableRandom r = new SplittableRandom(seed);
    int n = 1;
    for (int d : shape) {
      n *= d;
    }
    int[] x = new int[n];
    for (int i = 0; i < n; i++) {
      x[i] = bytes ? r.nextInt(-128, 128) : r.nextInt();
    }
    return Tensor.of(x, shape);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "3, 5, 7",
    "17, 300, 70",
    "64, 64, 64",
    "2, 257, 33",
    "40, 1, 100",
    "5, 9, 0",
    "0, 4, 3",
    "33, 512, 31"
  })
  void hasTheNumbersOfThePlainLoop(int m, int n, int k) {
    for (int way = 0; way < 8; way++) {
      boolean ta = (way & 1) != 0;
      boolean tb = (way & 2) != 0;
      boolean bytes = (way & 4) != 0;
      Tensor a = ta ? numbers(1, bytes, 2, k, m) : numbers(1, bytes, 2, m, k);
      Tensor b = tb ? numbers(2, bytes, n, k) : numbers(2, bytes, k, n);
      Linalg.MatMul op = new Linalg.MatMul(ta, tb);
      Tensor wide = Ops.apply1(op, Ops.cast(a, DType.INT64), Ops.cast(b, DType.INT64));
      int[] want = Ops.cast(wide, DType.INT32).toIntArray();
      assertThat(Ops.apply1(op, a, b).toIntArray()).as("way %d", way).containsExactly(want);
      Tensor unsigned = Ops.apply1(op, Ops.cast(a, DType.UINT32), Ops.cast(b, DType.UINT32));
      assertThat(Ops.cast(unsigned, DType.INT32).toIntArray()).containsExactly(want);
    }
  }
}
