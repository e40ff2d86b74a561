package io.weft.machinecode.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine's RowKernelsTest and AttentionKernelsTest run over this module too. */
class MachineRowKernelTest {
  static Stream<MachineRowKernel> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(MachineRowKernel::new);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineRowKernel kernel) {
    RowSelfTest.run(kernel);
  }

  /** More rows than a call takes; a row has the same bits among others, by itself and in place. */
  @ParameterizedTest
  @MethodSource("kernels")
  void rowsDoNotDependOnTheirNeighbors(MachineRowKernel kernel) {
    int rows = 75;
    Random random = new Random(3);
    for (int n : new int[] {1, 15, 33, 200, 2000}) {
      float[] x = new float[rows * n];
      float[] parameters = new float[n];
      for (int i = 0; i < x.length; i++) {
        x[i] = 8 * random.nextFloat() - 4;
        parameters[i % n] = random.nextFloat();
      }
      float[] y = new float[x.length];
      float[] z = new float[x.length];
      float[] first = new float[rows];
      float[] second = new float[rows];
      kernel.softmax(x, 0, y, 0, first, 0, second, 0, rows, n);
      kernel.norm(true, x, 0, parameters, 0, parameters, 0, 1e-3f, z, 0, null, 0, null, 0, rows, n);
      float[] one = new float[n];
      float[] number = new float[1];
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += y[r * n + i];
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
        kernel.softmax(x, r * n, one, 0, null, 0, number, 0, 1, n);
        assertThat(Arrays.equals(y, r * n, (r + 1) * n, one, 0, n)).isTrue();
        assertThat(number[0]).isEqualTo(second[r]);
        kernel.norm(
            true, x, r * n, parameters, 0, parameters, 0, 1e-3f, one, 0, null, 0, null, 0, 1, n);
        assertThat(Arrays.equals(z, r * n, (r + 1) * n, one, 0, n)).isTrue();
      }
      float[] inPlace = x.clone();
      kernel.softmax(inPlace, 0, inPlace, 0, null, 0, null, 0, rows, n);
      assertThat(inPlace).isEqualTo(y);
    }
  }

  /** Rows apart from each other, more than a call takes. */
  @ParameterizedTest
  @MethodSource("kernels")
  void sumsOfProductsOfRowsThatAreApart(MachineRowKernel kernel) {
    int rows = 40;
    int n = 21;
    int stride = 50;
    float[] x = new float[2 + (rows - 1) * stride + n];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 7 % 13 - 6) / 2f;
    }
    float[] sums = new float[rows + 1];
    kernel.dots(x, 2, x, 1, stride, sums, 1, rows, n);
    for (int r = 0; r < rows; r++) {
      float sum = 0;
      for (int i = 0; i < n; i++) {
        sum += x[2 + r * stride + i] * x[1 + r * stride + i];
      }
      assertThat(sums[1 + r]).isEqualTo(sum); // exact: multiples of 1/4
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.dots(x, 3, x, 1, stride, sums, 1, rows, n));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rowsBeyondAnArrayAreRefused(MachineRowKernel kernel) {
    float[] x = new float[40];
    float[] few = new float[9];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.softmax(x, 1, x, 1, null, 0, null, 0, 4, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.logSoftmax(x, 0, few, 0, 4, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.norm(true, x, 0, few, 0, x, 0, 1f, x, 0, null, 0, null, 0, 4, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.norm(true, x, 0, x, 0, x, 31, 1f, x, 0, null, 0, null, 0, 4, 10));
  }
}
